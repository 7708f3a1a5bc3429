// A proxy that calls to an upstream go through: HTTP CONNECT (RFC 9110 9.3.6) or SOCKS5 (RFC 1928, 1929).
#pragma once

#include "base/result.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace relay {

/// Of an upstream's name, too: DNS has no longer ones, and SOCKS5 one byte for the length.
inline constexpr std::size_t kProxiedHostBytesMax = 253;

/// Never changes once made; thread-safe. The upstream's name is looked up by the proxy, never here. TLS to
/// the upstream runs inside the tunnel: the proxy sees its name and port, and no more.
class UpstreamProxy {
 public:
  enum class Kind { http_connect, socks5 };

  /// "http://[user[:password]@]host:port" or "socks5://…" (also socks5h://), user and password
  /// percent-encoded. Without a port 8080, or 1080. validation names `field`; its words hold no password.
  static Result<UpstreamProxy> parse(std::string_view text, const std::string& field);

  Kind kind() const { return kind_; }
  const std::string& host() const { return host_; }
  const std::string& port() const { return port_; }
  const std::string& user() const { return user_; }
  const std::string& password() const { return password_; }
  bool has_credentials() const { return !user_.empty() || !password_.empty(); }
  /// "host:port", an IPv6 address in brackets.
  static std::string authority(std::string_view host, std::string_view port);
  /// As it may be shown: "socks5://host:port", without user and password.
  std::string shown() const;
  /// Equal only for proxies between which nothing differs; holds no password in clear text.
  std::string identity() const;

 private:
  UpstreamProxy() = default;

  Kind kind_ = Kind::http_connect;
  std::string host_;  // without brackets
  std::string port_;
  std::string user_;
  std::string password_;
};

}  // namespace relay
