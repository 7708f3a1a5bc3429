#include "service/device.h"

#include "text/ip_address.h"

#include <algorithm>

namespace relay {

std::string throttle_name(const std::string& address) {
  const auto parsed = IpAddress::parse(address);
  if (!parsed || parsed->is_v4()) return address;
  auto bytes = parsed->bytes();
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return IpAddress::from_bytes(bytes).text() + "/64";
}

}  // namespace relay
