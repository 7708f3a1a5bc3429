#include "text/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace relay {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  // inet_pton wants an end of string, and refuses ports, zones, brackets and octal-looking parts.
  std::array<char, INET6_ADDRSTRLEN> copy{};
  if (text.size() >= copy.size() || text.find('\0') != std::string_view::npos) return std::nullopt;
  std::ranges::copy(text, copy.begin());
  std::array<std::uint8_t, 16> bytes{};
  if (::inet_pton(AF_INET6, copy.data(), bytes.data()) == 1) return IpAddress(bytes);
  std::ranges::copy(kMapped, bytes.begin());
  if (::inet_pton(AF_INET, copy.data(), bytes.data() + kMapped.size()) == 1) return IpAddress(bytes);
  return std::nullopt;
}

bool IpAddress::is_v4() const { return std::equal(kMapped.begin(), kMapped.end(), bytes_.begin()); }

bool IpAddress::is_loopback() const {
  if (is_v4()) return bytes_[12] == 127;
  return std::all_of(bytes_.begin(), bytes_.end() - 1, [](auto byte) { return byte == 0; }) &&
         bytes_[15] == 1;
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (is_v4()) {
    ::inet_ntop(AF_INET, bytes_.data() + kMapped.size(), out.data(), out.size());
  } else {
    ::inet_ntop(AF_INET6, bytes_.data(), out.data(), out.size());
  }
  return out.data();
}

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == std::string_view::npos) return IpNetwork(*address, 128);

  // "/8" counts from the front of what was written: of 32 bits for a dotted address, of 128 for "::ffff:…".
  const bool dotted = text.substr(0, slash).find(':') == std::string_view::npos;
  const auto digits = text.substr(slash + 1);
  int bits = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (failure != std::errc() || end != digits.data() + digits.size() || bits < 0 || digits.front() == '-' ||
      bits > (dotted ? 32 : 128)) {
    return std::nullopt;
  }
  if (dotted) bits += 96;
  auto bytes = address->bytes();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int kept = std::clamp(bits - static_cast<int>(i) * 8, 0, 8);
    bytes[i] = static_cast<std::uint8_t>(bytes[i] & (0xFF00U >> kept));
  }
  return IpNetwork(IpAddress::from_bytes(bytes), bits);
}

bool IpNetwork::contains(const IpAddress& address) const {
  const auto& ours = base_.bytes();
  const auto& theirs = address.bytes();
  const auto whole = static_cast<std::size_t>(bits_ / 8);
  if (std::memcmp(ours.data(), theirs.data(), whole) != 0) return false;
  const int rest = bits_ % 8;
  return rest == 0 || ((ours[whole] ^ theirs[whole]) & (0xFF00U >> rest) & 0xFFU) == 0;
}

std::string IpNetwork::text() const {
  if (bits_ == 128) return base_.text();
  if (base_.is_v4() && bits_ >= 96) return base_.text() + "/" + std::to_string(bits_ - 96);
  return base_.text() + "/" + std::to_string(bits_);
}

}  // namespace relay
