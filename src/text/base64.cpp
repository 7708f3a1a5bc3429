#include "text/base64.h"

#include <array>
#include <cstdint>

namespace relay {
namespace {

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kForUrls = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

using Digits = std::array<std::int8_t, 256>;

constexpr Digits digits_of(std::string_view alphabet) {
  Digits digits{};
  for (auto& digit : digits) digit = -1;
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    digits[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return digits;
}

constexpr Digits kStandardDigits = digits_of(kStandard);
constexpr Digits kUrlDigits = digits_of(kForUrls);

std::string encode(std::string_view bytes, std::string_view alphabet) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t window = 0;
  int bits = 0;
  for (const char c : bytes) {
    window = window << 8 | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 6;) out += alphabet[window >> (bits -= 6) & 63U];
  }
  if (bits > 0) out += alphabet[window << (6 - bits) & 63U];
  return out;
}

std::optional<std::string> decode(std::string_view text, const Digits& digits) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t window = 0;
  int bits = 0;
  for (const char c : text) {
    const int digit = digits[static_cast<unsigned char>(c)];
    if (digit < 0) return std::nullopt;
    window = window << 6 | static_cast<std::uint32_t>(digit);
    if ((bits += 6) >= 8) out += static_cast<char>(window >> (bits -= 8) & 0xFFU);
  }
  if ((window & ((1U << bits) - 1)) != 0) return std::nullopt;
  return out;
}

}  // namespace

std::string to_base64(std::string_view bytes) {
  auto out = encode(bytes, kStandard);
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

std::optional<std::string> parse_base64(std::string_view text) {
  if (text.ends_with('=')) {
    if (text.size() % 4 != 0) return std::nullopt;
    text.remove_suffix(text.ends_with("==") ? 2 : 1);
  }
  return decode(text, kStandardDigits);
}

std::string to_base64url(std::string_view bytes) { return encode(bytes, kForUrls); }

std::optional<std::string> parse_base64url(std::string_view text) { return decode(text, kUrlDigits); }

}  // namespace relay
