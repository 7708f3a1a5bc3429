// UTF-8 as RFC 3629 has it.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace relay {

/// How many characters (code points) it has. Nothing for bytes that are not UTF-8: overlong forms, surrogates
/// and anything past U+10FFFF included.
std::optional<std::size_t> count_utf8(std::string_view text);

/// Below U+0020, or U+007F. Letters past ASCII have no such byte.
bool has_control_character(std::string_view text);

}  // namespace relay
