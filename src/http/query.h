// What stands behind the question mark, and percent encoding (RFC 3986 2.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace relay {

/// Nothing for a broken escape; '+' stays a plus.
std::optional<std::string> percent_decode(std::string_view text);

/// "a=1&b=x+y" as names and values, in their order, '+' as a space (WHATWG URL, urlencoded). A name without
/// '=' has an empty value; a broken escape is kept as it stands. At most 100 pairs are read.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);

}  // namespace relay
