#include "domain/budget.h"

#include "text/decimal.h"

namespace relay {
namespace {

constexpr std::array<std::string_view, 4> kPeriodWords{"daily", "weekly", "monthly", "total"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string_view to_string(BudgetPeriod period) { return kPeriodWords.at(static_cast<std::size_t>(period)); }

std::optional<BudgetPeriod> parse_budget_period(std::string_view word) {
  for (const auto period : kBudgetPeriods) {
    if (to_string(period) == word) return period;
  }
  return std::nullopt;
}

const std::optional<NanoUsd>& Budget::of(BudgetPeriod period) const {
  switch (period) {
    case BudgetPeriod::daily:
      return daily;
    case BudgetPeriod::weekly:
      return weekly;
    case BudgetPeriod::monthly:
      return monthly;
    case BudgetPeriod::total:
      break;
  }
  return total;
}

Result<std::int64_t> parse_reset_time(std::string_view text, std::string_view field) {
  const bool has_shape = text.size() == 5 && is_digit(text[0]) && is_digit(text[1]) && text[2] == ':' &&
                         is_digit(text[3]) && is_digit(text[4]);
  if (has_shape) {
    const std::int64_t hour = (text[0] - '0') * 10 + (text[1] - '0');
    const std::int64_t minute = (text[3] - '0') * 10 + (text[4] - '0');
    if (hour < 24 && minute < 60) return hour * 60 + minute;
  }
  return Error(ErrorKind::validation, "budget_invalid", "The budget is not valid")
      .on_field(std::string(field), "must be a time of day from \"00:00\" to \"23:59\"");
}

std::string to_reset_time(std::int64_t minute) {
  const auto two = [](std::int64_t number) {
    const auto digits = std::to_string(number);
    return digits.size() < 2 ? "0" + digits : digits;
  };
  return two(minute / 60) + ":" + two(minute % 60);
}

Result<NanoUsd> parse_usd(std::string_view text, std::string_view field) {
  constexpr NanoUsd kMost = 1'000'000'000'000'000'000;  // a billion dollars
  const auto amount = parse_decimal(text, 9);
  if (!amount || *amount < 0 || *amount > kMost) {
    return Error(ErrorKind::validation, "amount_invalid", "The amount is not valid")
        .on_field(std::string(field), "must be an amount of USD such as \"12.50\", at most 1000000000");
  }
  return *amount;
}

std::string to_usd(NanoUsd amount) { return to_decimal(amount, 9, 2); }

}  // namespace relay
