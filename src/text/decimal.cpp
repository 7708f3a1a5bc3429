#include "text/decimal.h"

#include <algorithm>
#include <cassert>
#include <charconv>
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

std::optional<ScaledNumber> parse_number(std::string_view text, int scale) {
  assert(scale >= 0 && scale <= 18);
  const auto letter = std::min(text.find_first_of("eE"), text.size());
  const auto mantissa = text.substr(0, letter);
  auto power = text.substr(std::min(letter + 1, text.size()));
  if (power.starts_with('+')) power.remove_prefix(1);
  std::int64_t exponent = 0;
  if (letter < text.size()) {
    const auto [end, fault] = std::from_chars(power.data(), power.data() + power.size(), exponent);
    if (fault != std::errc() || end != power.data() + power.size() || exponent > 400 || exponent < -400) {
      return std::nullopt;
    }
  }
  const auto point = std::min(mantissa.find('.'), mantissa.size());
  const auto whole = mantissa.substr(0, point);
  const auto fraction = mantissa.substr(std::min(point + 1, mantissa.size()));
  if (whole.empty() || (point < mantissa.size() && fraction.empty())) return std::nullopt;

  std::string digits(whole);
  digits += fraction;
  if (digits.size() > 400 || !std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) {
    return std::nullopt;
  }
  // How many of the digits stand before the unit of the scale; zeros follow where there are too few.
  const auto kept = static_cast<std::int64_t>(whole.size()) + exponent + scale;
  ScaledNumber number;
  for (std::int64_t at = 0; at < kept; ++at) {
    const auto index = static_cast<std::size_t>(at);
    const int digit = index < digits.size() ? digits[index] - '0' : 0;
    if (__builtin_mul_overflow(number.value, 10, &number.value) ||
        __builtin_add_overflow(number.value, digit, &number.value)) {
      return std::nullopt;
    }
  }
  const auto rest =
      digits.substr(std::min(static_cast<std::size_t>(std::max<std::int64_t>(kept, 0)), digits.size()));
  number.rounded = rest.find_first_not_of('0') != std::string::npos;
  // Below the first digit that was left out there are only zeros when `kept` is negative.
  if (kept >= 0 && !rest.empty() && rest.front() >= '5') {
    if (__builtin_add_overflow(number.value, 1, &number.value)) return std::nullopt;
  }
  return number;
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
