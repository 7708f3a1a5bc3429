#include "text/utf8.h"

#include <algorithm>
#include <cstdint>

namespace relay {

std::optional<std::size_t> count_utf8(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++count) {
    const auto first = static_cast<unsigned char>(text[i++]);
    if (first < 0x80) continue;
    const int following = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
    if (first < 0xC2 || first > 0xF4) return std::nullopt;
    std::uint32_t point = first & (0x3FU >> following);
    for (int k = 0; k < following; ++k, ++i) {
      if (i == text.size() || (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80) return std::nullopt;
      point = point << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
    }
    const bool overlong = point < (following == 3 ? 0x10000U : following == 2 ? 0x800U : 0x80U);
    if (overlong || (point >= 0xD800 && point <= 0xDFFF) || point > 0x10FFFF) return std::nullopt;
  }
  return count;
}

bool has_control_character(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

}  // namespace relay
