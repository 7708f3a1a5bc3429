// How values of ours stand in the objects of answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace relay {

/// No limit is null there, and 0 with us.
inline std::optional<std::int64_t> unless_zero(std::int64_t limit) {
  if (limit == 0) return std::nullopt;
  return limit;
}

/// No text is null there.
inline std::optional<std::string> unless_empty(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

}  // namespace relay
