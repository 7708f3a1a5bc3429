#include "net/outgoing_guard.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace relay {
namespace {

std::vector<IpNetwork> make_special_networks() {
  std::vector<IpNetwork> networks;
  for (const char* text :
       {"0.0.0.0/8",     "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24", "192.168.0.0/16",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",
        "::/96",         "64:ff9b::/96",    "64:ff9b:1::/48", "100::/64",       "2001::/23",
        "2001:db8::/32", "2002::/16",       "3fff::/20",      "5f00::/16",      "fc00::/7",
        "fe80::/10",     "fec0::/10",       "ff00::/8"}) {
    networks.push_back(*IpNetwork::parse(text));
  }
  return networks;
}

}  // namespace

bool is_public_address(const IpAddress& address) {
  static const auto special = make_special_networks();
  return std::ranges::none_of(special, [&](const IpNetwork& network) { return network.contains(address); });
}

bool is_public_address(const sockaddr& address) {
  std::array<std::uint8_t, 16> bytes{};
  if (address.sa_family == AF_INET) {
    bytes[10] = bytes[11] = 0xFF;
    std::memcpy(bytes.data() + 12, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, 4);
  } else if (address.sa_family == AF_INET6) {
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, 16);
  } else {
    return false;
  }
  return is_public_address(IpAddress::from_bytes(bytes));
}

}  // namespace relay
