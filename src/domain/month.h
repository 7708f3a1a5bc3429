// The calendar month in UTC, by which usage and plans count.
#pragma once

#include "base/clock.h"

#include <chrono>

namespace relay {

struct Month {
  std::chrono::sys_days first;  // its first day
  std::chrono::sys_days next;   // the first day of the one after it
};

inline Month month_of(WallTime time) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
  const auto month = date.year() / date.month();
  return {.first = month / 1, .next = (month + std::chrono::months(1)) / 1};
}

}  // namespace relay
