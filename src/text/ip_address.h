// Internet addresses and networks, both versions in one form.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace relay {

/// 16 bytes; an IPv4 address is kept as IPv4-mapped IPv6 (RFC 4291 2.5.5.2), so ::ffff:10.0.0.1 and
/// 10.0.0.1 are the same address.
class IpAddress {
 public:
  /// Nothing for anything but an address: no port, no brackets, no zone, no leading zeros in IPv4.
  static std::optional<IpAddress> parse(std::string_view text);
  static IpAddress from_bytes(const std::array<std::uint8_t, 16>& bytes) { return IpAddress(bytes); }

  bool is_v4() const;
  /// 127.0.0.0/8 and ::1.
  bool is_loopback() const;
  /// RFC 5952 for IPv6, dotted for IPv4.
  std::string text() const;
  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  explicit IpAddress(const std::array<std::uint8_t, 16>& bytes) : bytes_(bytes) {}
  std::array<std::uint8_t, 16> bytes_;
};

/// An address, or a CIDR block of them ("10.0.0.0/8", "2001:db8::/32"). Host bits are cleared.
class IpNetwork {
 public:
  static std::optional<IpNetwork> parse(std::string_view text);

  bool contains(const IpAddress& address) const;
  /// "10.0.0.0/8"; an address of its own has no "/32".
  std::string text() const;

  friend auto operator<=>(const IpNetwork&, const IpNetwork&) = default;

 private:
  IpNetwork(const IpAddress& base, int bits) : base_(base), bits_(bits) {}
  IpAddress base_;
  int bits_;  // of 128
};

}  // namespace relay
