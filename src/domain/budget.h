// How much money a key, a user or each user of a plan may spend in each window of time.
#pragma once

#include "base/result.h"
#include "domain/money.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace relay {

enum class BudgetPeriod : std::uint8_t { daily, weekly, monthly, total };
inline constexpr std::array kBudgetPeriods{BudgetPeriod::daily, BudgetPeriod::weekly, BudgetPeriod::monthly,
                                           BudgetPeriod::total};
std::string_view to_string(BudgetPeriod period);
std::optional<BudgetPeriod> parse_budget_period(std::string_view word);

/// An empty field is no budget of that kind; 0 is a budget that is spent already. Windows begin at
/// `reset_minute` of the user's own day: a week on Monday, a month on its first day.
struct Budget {
  std::optional<NanoUsd> daily{};
  std::optional<NanoUsd> weekly{};
  std::optional<NanoUsd> monthly{};
  std::optional<NanoUsd> total{};
  std::int64_t reset_minute = 0;  // after local midnight: 0 to 1439
  std::int64_t soft_periods = 0;  // bit n: the budget of the period n refuses no call, it only tells

  bool none() const { return !daily && !weekly && !monthly && !total; }
  const std::optional<NanoUsd>& of(BudgetPeriod period) const;
  bool is_soft(BudgetPeriod period) const { return ((soft_periods >> static_cast<int>(period)) & 1) != 0; }
  void make_soft(BudgetPeriod period) { soft_periods |= std::int64_t{1} << static_cast<int>(period); }
  friend bool operator==(const Budget&, const Budget&) = default;
};

inline constexpr std::int64_t kResetMinuteMax = 24 * 60 - 1;

/// "06:00" as minutes after midnight, and back. validation on `field`.
Result<std::int64_t> parse_reset_time(std::string_view text, std::string_view field);
std::string to_reset_time(std::int64_t minute);

/// An amount as a client writes it: "12.50", not negative, at most nine decimals and one billion
/// dollars. validation on `field` else.
Result<NanoUsd> parse_usd(std::string_view text, std::string_view field);

/// "12.50"; at least two decimals, as many as it takes.
std::string to_usd(NanoUsd amount);

}  // namespace relay
