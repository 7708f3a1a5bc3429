// The day, week or month of somebody's own clock, by which limits and budgets count.
#pragma once

#include "base/clock.h"
#include "domain/budget.h"
#include "domain/time_zone.h"

namespace relay {

struct TimeWindow {
  WallTime starts_at{};
  WallTime ends_at{};  // not in it

  friend bool operator==(const TimeWindow&, const TimeWindow&) = default;
};

/// The window of `period` that `now` is in. A day begins when the zone's clocks show `reset_minute` after
/// midnight (where they jump over that, at the jump; where they show it twice, the first time), a week on a
/// Monday, a month on its first day. Windows follow each other without a gap, one for each local day: 23, 24
/// or 25 hours. The total one is from 1970 on, and ends at WallTime::max().
TimeWindow window_of(BudgetPeriod period, const TimeZone& zone, std::int64_t reset_minute, WallTime now);

}  // namespace relay
