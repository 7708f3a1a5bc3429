// From where somebody speaks: what sessions keep and throttles count.
#pragma once

#include <string>

namespace relay {

struct Device {
  std::string address;     // as text; behind trusted proxies the real one
  std::string user_agent;  // as sent; a session keeps 512 bytes of it
  bool is_tls = false;
  bool is_loopback_peer = false;
  std::string request_id{};  // of the request it speaks with
};

/// Somebody who is signed in, and from where.
struct Actor {
  std::string user_id;
  Device device{};
};

/// How a throttle names an address: IPv4 as it is, IPv6 by its /64, since one customer has that many.
std::string throttle_name(const std::string& address);

/// "Firefox on Linux", "curl", "Unknown device": what a user agent tells people.
std::string device_words(const std::string& user_agent);

/// Equal for sign-ins from one program at one address: the versions in a user agent, which change every
/// month, do not count, nor what is past an IPv6 address's /64.
std::string device_fingerprint(const Device& device);

}  // namespace relay
