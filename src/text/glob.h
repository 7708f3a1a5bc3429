// Patterns in which '*' stands for any letters, none included.
#pragma once

#include <string_view>

namespace relay {

/// Whole text, letter by letter; '*' is the only special one. Linear in practice, bounded by
/// pattern times text: no backtracking beyond the last star.
bool glob_matches(std::string_view pattern, std::string_view text);

}  // namespace relay
