// What the clocks of a place show: offsets from UTC, with the changes of summer time.
#pragma once

#include "base/clock.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace relay {

/// A time as the clocks on the wall show it.
using LocalTime = std::chrono::local_time<std::chrono::milliseconds>;

/// From December 2024 on; before that, as then. Immutable and thread-safe; lives as long as the program.
class TimeZone {
 public:
  /// A name that parse_time_zone() takes; UTC for another. The first call reads the embedded rules (a
  /// millisecond), the others are one look-up.
  static const TimeZone& named(std::string_view name);

  std::chrono::seconds offset_at(WallTime time) const;
  LocalTime to_local(WallTime time) const { return LocalTime(time.time_since_epoch() + offset_at(time)); }
  /// The moment at which the clocks show `local`. Where they are put back over it, the first of the two;
  /// where they jump over it, the moment of the jump.
  WallTime to_wall(LocalTime local) const;

  /// Nothing for a line that rules.txt would not have.
  static std::optional<TimeZone> parse(std::string_view line);

 private:
  /// POSIX TZ, "Mm.w.d/time": the day `weekday` (0: Sunday) of the week `week` (5: the last) of a month.
  struct Rule {
    unsigned month = 0;
    unsigned week = 0;
    unsigned weekday = 0;
    std::chrono::seconds time{};  // after midnight by the clock before the change; may be negative
  };
  struct Change {
    std::chrono::sys_seconds at;
    std::chrono::seconds offset{};
  };

  static std::chrono::local_seconds day_of(const Rule& rule, std::chrono::year year);

  std::chrono::seconds standard_{};
  std::chrono::seconds summer_{};
  std::optional<Rule> begins_{};  // summer time; none: it never does
  Rule ends_{};
  std::chrono::seconds before_{};  // the first of changes_
  std::vector<Change> changes_{};  // up to which the rule does not hold
};

}  // namespace relay
