// Lists as text, one entry a line: how stores keep short lists in a column.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace relay {

/// Entries have no line break in them; whoever makes such a list checks that. An empty text is no entry.
std::string join_lines(const std::vector<std::string>& entries);
std::vector<std::string> split_lines(std::string_view text);

}  // namespace relay
