// The alphabet 0-9A-Za-z: letters that survive a double click, a URL and a shell.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace relay {

inline constexpr std::string_view kBase62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

constexpr bool is_base62(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// `value` in six digits, most significant first: 62^6 holds every 32-bit number.
constexpr std::array<char, 6> base62_of(std::uint32_t value) {
  std::array<char, 6> out{};
  for (auto it = out.rbegin(); it != out.rend(); ++it, value /= 62) *it = kBase62[value % 62];
  return out;
}

}  // namespace relay
