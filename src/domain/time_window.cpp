#include "domain/time_window.h"

namespace relay {
namespace {

using std::chrono::days;
using std::chrono::local_days;

local_days first_day(BudgetPeriod period, local_days day) {
  const std::chrono::year_month_day date(day);
  if (period == BudgetPeriod::monthly) return local_days(date.year() / date.month() / 1);
  if (period == BudgetPeriod::weekly) return day - (std::chrono::weekday(day) - std::chrono::Monday);
  return day;
}

local_days next_first_day(BudgetPeriod period, local_days first) {
  const std::chrono::year_month_day date(first);
  if (period == BudgetPeriod::monthly)
    return local_days((date.year() / date.month() + std::chrono::months(1)) / 1);
  return first + (period == BudgetPeriod::weekly ? days(7) : days(1));
}

}  // namespace

TimeWindow window_of(BudgetPeriod period, const TimeZone& zone, std::int64_t reset_minute, WallTime now) {
  if (period == BudgetPeriod::total) return {.starts_at = WallTime(), .ends_at = WallTime::max()};
  const std::chrono::minutes reset(reset_minute);
  const auto start_of = [&](local_days day) { return zone.to_wall(LocalTime(day) + reset); };
  auto first = first_day(period, std::chrono::floor<days>(zone.to_local(now) - reset));
  // By the clock on the wall it may be a day too early or too late in the hours around a change.
  auto starts_at = start_of(first);
  if (now < starts_at) {
    first = first_day(period, first - days(1));
    starts_at = start_of(first);
  }
  auto next = next_first_day(period, first);
  auto ends_at = start_of(next);
  if (now >= ends_at) {
    starts_at = ends_at;
    next = next_first_day(period, next);
    ends_at = start_of(next);
  }
  return {.starts_at = starts_at, .ends_at = ends_at};
}

}  // namespace relay
