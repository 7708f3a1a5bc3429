#include "text/decimal.h"

#include <algorithm>
#include <cassert>
#include <limits>

namespace relay {

std::optional<std::int64_t> parse_decimal(std::string_view text, int scale) {
  assert(scale >= 0 && scale <= 18);
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  const auto fraction = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  if (whole.empty() || (point != std::string_view::npos && fraction.empty())) return std::nullopt;

  // Counted downwards: the smallest number has no positive counterpart.
  std::int64_t value = 0;
  const auto take = [&value](char c) {
    return c >= '0' && c <= '9' && !__builtin_mul_overflow(value, 10, &value) &&
           !__builtin_sub_overflow(value, c - '0', &value);
  };
  if (!std::ranges::all_of(whole, take)) return std::nullopt;
  const auto digits = static_cast<std::size_t>(scale);
  if (!std::ranges::all_of(fraction.substr(0, digits), take)) return std::nullopt;
  if (fraction.size() > digits &&
      !std::ranges::all_of(fraction.substr(digits), [](char c) { return c == '0'; })) {
    return std::nullopt;
  }
  for (auto missing = fraction.size(); missing < digits; ++missing) {
    if (!take('0')) return std::nullopt;
  }
  if (!negative && value == std::numeric_limits<std::int64_t>::min()) return std::nullopt;
  return negative ? value : -value;
}

std::string to_decimal(std::int64_t value, int scale, int decimals) {
  assert(scale >= 0 && scale <= 18 && decimals <= scale);
  const auto magnitude =
      value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  auto digits = std::to_string(magnitude);
  const auto places = static_cast<std::size_t>(scale);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  std::string fraction = digits.substr(digits.size() - places);
  digits.resize(digits.size() - places);
  while (fraction.size() > static_cast<std::size_t>(std::max(decimals, 0)) && fraction.back() == '0')
    fraction.pop_back();
  return (value < 0 ? "-" : "") + digits + (fraction.empty() ? "" : "." + fraction);
}

}  // namespace relay
