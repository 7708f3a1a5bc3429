// Bytes that no name that people see may have.
#pragma once

#include <algorithm>
#include <string_view>

namespace relay {

/// Below U+0020, or U+007F. Letters past ASCII have no such byte in UTF-8.
inline bool has_control_character(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

}  // namespace relay
