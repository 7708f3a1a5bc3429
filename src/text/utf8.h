// UTF-8 as RFC 3629 has it: no surrogates, no overlong forms, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace relay {

/// How many code points; nothing when the bytes are not UTF-8. One pass, no allocation.
std::optional<std::size_t> count_utf8(std::string_view text);

inline bool is_utf8(std::string_view text) { return count_utf8(text).has_value(); }

/// `text` with U+FFFD for every byte that is not of UTF-8, and not more than `most` bytes of it, cut between
/// two code points.
std::string to_valid_utf8(std::string_view text, std::size_t most = std::string::npos);

}  // namespace relay
