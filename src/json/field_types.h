// Types for the members of described structs that say more than std::string or std::int64_t: what the
// binding checks and the OpenAPI document shows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace relay {

/// A text of Min to Max characters (code points).
template <std::size_t Min, std::size_t Max>
struct Text {
  std::string value;
};

/// A whole number from Min to Max.
template <std::int64_t Min, std::int64_t Max>
struct Whole {
  std::int64_t value = Min;
};

/// A member of a PUT body that may be absent (leave it), null (clear it) or have a value (set it).
template <class T>
struct Patch {
  bool present = false;
  std::optional<T> value;  // empty: null was sent, when present

  bool clears() const { return present && !value; }
  bool sets() const { return present && value.has_value(); }
};

}  // namespace relay
