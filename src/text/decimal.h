// Decimal fractions as scaled integers, exact in both directions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace relay {

/// "12.50" with scale 9 is 12'500'000'000. Digits with at most one point between digits and an optional
/// leading '-'. Nothing for anything else, for more than `scale` decimals (unless zeros) and on
/// overflow. `scale` is 0 to 18.
std::optional<std::int64_t> parse_decimal(std::string_view text, int scale);

/// What stands in JSON as a number ("3e-06", "1.50E-7", "0"), as text, never as a double. `rounded` when
/// there was more behind the scale than zeros: then to the nearest, halves up. Nothing for what is no number
/// (RFC 8259 6), is below zero or does not fit. `scale` is 0 to 18.
struct ScaledNumber {
  std::int64_t value = 0;
  bool rounded = false;
};
std::optional<ScaledNumber> parse_number(std::string_view text, int scale);

/// Shortest exact text, but at least `decimals` digits behind the point: 12'500'000'000 with scale 9
/// and decimals 2 is "12.50".
std::string to_decimal(std::int64_t value, int scale, int decimals = 0);

}  // namespace relay
