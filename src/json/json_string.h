// A text as a JSON string, behind a growing text.
#pragma once

#include <string>
#include <string_view>

namespace relay {

/// What stands between the quotes. `utf8` is UTF-8; quotes, backslashes and control characters are escaped.
void append_json_escaped(std::string& out, std::string_view utf8);
/// With its quotes.
void append_json_string(std::string& out, std::string_view utf8);

}  // namespace relay
