// Plain request and answer, without Beast, for everything above the socket.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace relay {

struct Header {
  std::string name;
  std::string value;
};

struct HttpRequest {
  std::string method;
  std::string path;   // as sent, without the query
  std::string query;  // as sent, without the question mark
  std::vector<Header> headers;
  std::string body;
  std::string request_id;      // "req_…": the relay's own
  std::string client_address;  // behind trusted proxies: the right-most untrusted hop
  bool is_tls = false;
  bool is_loopback_peer = false;  // the socket's peer, not what a header says

  /// First value of a header, by name without regard to case; empty when absent.
  std::string_view header(std::string_view name) const;
};

struct HttpAnswer {
  int status = 200;
  std::vector<Header> headers;
  std::string body;
};

/// Header names are compared without regard to the case of ASCII letters (RFC 9110 5.1).
bool same_header_name(std::string_view left, std::string_view right);

/// First value of the header called `name`; empty when absent.
std::string_view find_header(const std::vector<Header>& headers, std::string_view name);

}  // namespace relay
