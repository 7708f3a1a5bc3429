// Base64 of RFC 4648: the standard alphabet (section 4) and the one for URLs (section 5).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace relay {

/// With padding.
std::string to_base64(std::string_view bytes);

/// Standard alphabet, with or without padding. Nothing for any other letter, a wrong length or
/// bits left over (RFC 4648 3.5): one text has one meaning.
std::optional<std::string> parse_base64(std::string_view text);

/// '-' and '_' in place of '+' and '/', no padding.
std::string to_base64url(std::string_view bytes);
std::optional<std::string> parse_base64url(std::string_view text);

}  // namespace relay
