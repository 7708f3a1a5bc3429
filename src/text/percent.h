// Percent encoding (RFC 3986 2.1) of one part of an address.
#pragma once

#include <string>
#include <string_view>

namespace relay {

/// Everything but A-Z a-z 0-9 - . _ ~ is escaped: good for a path segment, a query's value, a form's value.
std::string percent_encode(std::string_view text);

}  // namespace relay
