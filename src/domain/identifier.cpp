#include "domain/identifier.h"

#include <array>
#include <cstdint>

namespace relay {
namespace {

constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void append_base32(std::string& out, std::uint64_t value, int characters) {
  for (int shift = (characters - 1) * 5; shift >= 0; shift -= 5) out += kCrockford[(value >> shift) & 31U];
}

}  // namespace

std::string make_identifier(std::string_view prefix, WallTime now, Random& random) {
  std::array<std::byte, 10> bytes;
  random.fill(bytes);
  std::uint64_t halves[2] = {0, 0};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    halves[i / 5] = halves[i / 5] << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  }
  std::string out;
  out.reserve(prefix.size() + 26);
  out += prefix;
  append_base32(out, static_cast<std::uint64_t>(now.time_since_epoch().count()), 10);
  append_base32(out, halves[0], 8);
  append_base32(out, halves[1], 8);
  return out;
}

}  // namespace relay
