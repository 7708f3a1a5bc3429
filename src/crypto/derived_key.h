// Keys for one purpose each, from a secret that people set.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

struct DerivedKey {
  std::string id;  // kKeyIdDigits hexadecimal digits, from a hash of the key: it tells nothing about it
  std::array<unsigned char, 32> bytes;

  static constexpr std::size_t kKeyIdDigits = 8;
};

/// One for each secret, in their order, by HKDF-SHA256 (RFC 5869): two purposes share no key. Throws
/// std::runtime_error when OpenSSL fails.
std::vector<DerivedKey> derive_keys(const std::vector<std::string>& secrets, std::string_view purpose);

}  // namespace relay
