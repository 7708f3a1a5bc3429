#include "domain/identifier.h"

#include <array>
#include <cstdint>

namespace relay {
namespace {

constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void append_base32(std::string& out, std::uint64_t value, int characters) {
  for (int shift = (characters - 1) * 5; shift >= 0; shift -= 5) out += kCrockford[(value >> shift) & 31U];
}

constexpr unsigned kHalfBits = 40;
constexpr std::uint64_t kHalfMask = (std::uint64_t{1} << kHalfBits) - 1;

struct Tail {
  std::uint64_t high = 0, low = 0;  // 40 bits each
};

struct Last {
  WallTime time{};
  Tail tail{};
};

// One bit less than there is room for: what is added within a millisecond does not run over.
Tail fresh(Random& random) {
  std::array<std::byte, 10> bytes;
  random.fill(bytes);
  std::uint64_t halves[2] = {0, 0};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    halves[i / 5] = halves[i / 5] << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  }
  return {.high = halves[0] >> 1, .low = halves[1]};
}

}  // namespace

std::string make_identifier(std::string_view prefix, WallTime now, Random& random) {
  thread_local Last last;
  auto next = fresh(random);
  if (now == last.time) {
    const auto low = last.tail.low + 1 + (next.low & 0xFFFF'FFFFU);
    next = {.high = last.tail.high + (low >> kHalfBits), .low = low & kHalfMask};
  }
  last = {.time = now, .tail = next};
  std::string out;
  out.reserve(prefix.size() + 26);
  out += prefix;
  append_base32(out, static_cast<std::uint64_t>(now.time_since_epoch().count()), 10);
  append_base32(out, next.high, 8);
  append_base32(out, next.low, 8);
  return out;
}

}  // namespace relay
