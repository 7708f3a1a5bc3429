#include "domain/time_window.h"

#include "base/embedded_file.h"
#include "domain/locality.h"
#include "text/lines.h"
#include "text/rfc3339.h"

#include <gtest/gtest.h>

#include <random>
#include <span>

namespace relay {
std::span<const EmbeddedFile> embedded_time_zones();

namespace test {
namespace time_window_test {

using namespace std::chrono_literals;

WallTime at(const char* text) { return parse_rfc3339(text).value(); }
std::string window(BudgetPeriod period, const char* zone, std::int64_t reset, const char* now) {
  const auto found = window_of(period, TimeZone::named(zone), reset, at(now));
  return to_rfc3339(found.starts_at) + " " + to_rfc3339(found.ends_at);
}

TEST(TimeZone, KnowsEveryNameThatAPersonMaySet) {
  const auto names = split_lines(embedded_time_zones().front().content);
  std::size_t told = 0;
  for (const auto& file : embedded_time_zones()) {
    if (file.name != "rules.txt") continue;
    const auto lines = split_lines(file.content);
    ASSERT_EQ(lines.size(), names.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
      ASSERT_TRUE(TimeZone::parse(lines[i]).has_value()) << lines[i];
      EXPECT_EQ(lines[i].substr(0, lines[i].find(' ')), names[i]);
      ++told;
    }
  }
  EXPECT_EQ(told, names.size());
}

TEST(TimeZone, TakesNoRuleThatNoClockFollows) {
  EXPECT_TRUE(TimeZone::parse("X A-3B,M3.4.4/50,M10.4.4/50 0 1:3600 2:0").has_value());
  for (const char* line :
       {"X A99999999999999", "X A27", "X A0:60", "X A0:0:60", "X A0B,M13.1.0,M1.1.0", "X A0B,M0.1.0,M1.1.0",
        "X A0B,M-3.1.0,M1.1.0", "X A0B,M3.0.0,M1.1.0", "X A0B,M3.6.0,M1.1.0", "X A0B,M3.1.7,M1.1.0",
        "X A0B,M3.1.0/168,M1.1.0", "X A0B99,M3.1.0,M1.1.0", "X A0 99999999999", "X A0 0 5:99999999999",
        "X A0 0 9999999999999999:0", "X A0 0 5:0 5:3600", "X A0 0 5:0 4:3600"})
    EXPECT_FALSE(TimeZone::parse(line).has_value()) << line;
}

TEST(TimeZone, KnowsSummerTimeOfBothHalvesOfTheWorld) {
  const auto offset = [](const char* zone, const char* now) {
    return TimeZone::named(zone).offset_at(at(now)).count() / 60;
  };
  EXPECT_EQ(offset("UTC", "2026-07-01T00:00:00Z"), 0);
  EXPECT_EQ(offset("Europe/Berlin", "2026-03-29T00:59:59Z"), 60);
  EXPECT_EQ(offset("Europe/Berlin", "2026-03-29T01:00:00Z"), 120);
  EXPECT_EQ(offset("Europe/Berlin", "2026-10-25T01:00:00Z"), 60);
  EXPECT_EQ(offset("America/New_York", "2026-07-01T00:00:00Z"), -240);
  EXPECT_EQ(offset("Australia/Lord_Howe", "2026-01-01T00:00:00Z"), 660);
  EXPECT_EQ(offset("Australia/Lord_Howe", "2026-07-01T00:00:00Z"), 630);
  EXPECT_EQ(offset("Europe/Dublin", "2026-07-01T00:00:00Z"), 60);
  EXPECT_EQ(offset("Africa/Casablanca", "2026-03-01T00:00:00Z"), 0);  // Ramadan
  EXPECT_EQ(offset("Africa/Casablanca", "2026-06-01T00:00:00Z"), 60);
  EXPECT_EQ(offset("America/Nuuk", "2026-12-01T00:00:00Z"), -120);
  EXPECT_EQ(offset("Asia/Kathmandu", "2026-12-01T00:00:00Z"), 345);
  EXPECT_EQ(offset("Nowhere/Else", "2026-12-01T00:00:00Z"), 0);
}

TEST(TimeWindow, IsTheUsersOwnDayWeekAndMonth) {
  EXPECT_EQ(window(BudgetPeriod::daily, "UTC", 0, "2026-11-27T12:00:00Z"),
            "2026-11-27T00:00:00.000Z 2026-11-28T00:00:00.000Z");
  EXPECT_EQ(window(BudgetPeriod::daily, "Asia/Tokyo", 360, "2026-11-27T20:59:59Z"),
            "2026-11-26T21:00:00.000Z 2026-11-27T21:00:00.000Z");
  EXPECT_EQ(window(BudgetPeriod::weekly, "Europe/Berlin", 0, "2026-11-29T22:59:59Z"),
            "2026-11-22T23:00:00.000Z 2026-11-29T23:00:00.000Z");
  EXPECT_EQ(window(BudgetPeriod::monthly, "America/New_York", 0, "2026-12-01T04:59:59Z"),
            "2026-11-01T04:00:00.000Z 2026-12-01T05:00:00.000Z");
  EXPECT_EQ(window(BudgetPeriod::monthly, "UTC", 60, "2027-01-01T00:59:59Z"),
            "2026-12-01T01:00:00.000Z 2027-01-01T01:00:00.000Z");
  const auto total = window_of(BudgetPeriod::total, TimeZone::named("UTC"), 0, at("2026-11-27T12:00:00Z"));
  EXPECT_EQ(total.starts_at, WallTime());
  EXPECT_EQ(total.ends_at, WallTime::max());
}

TEST(TimeWindow, IsShorterOrLongerWhereTheClocksChange) {
  EXPECT_EQ(window(BudgetPeriod::daily, "Europe/Berlin", 0, "2026-03-29T12:00:00Z"),
            "2026-03-28T23:00:00.000Z 2026-03-29T22:00:00.000Z");
  EXPECT_EQ(window(BudgetPeriod::daily, "Europe/Berlin", 0, "2026-10-25T12:00:00Z"),
            "2026-10-24T22:00:00.000Z 2026-10-25T23:00:00.000Z");
  // 02:30 is jumped over in spring, and shown twice in autumn.
  EXPECT_EQ(window(BudgetPeriod::daily, "Europe/Berlin", 150, "2026-03-29T01:00:00Z"),
            "2026-03-29T01:00:00.000Z 2026-03-30T00:30:00.000Z");
  EXPECT_EQ(window(BudgetPeriod::daily, "Europe/Berlin", 150, "2026-10-25T00:29:59Z"),
            "2026-10-24T00:30:00.000Z 2026-10-25T00:30:00.000Z");
  EXPECT_EQ(window(BudgetPeriod::daily, "Europe/Berlin", 150, "2026-10-25T01:15:00Z"),
            "2026-10-25T00:30:00.000Z 2026-10-26T01:30:00.000Z");
}

// Every zone, three years, any reset: windows hold the moment they are asked for, and follow each other
// without a gap; of days there is one for each day of the calendar.
TEST(TimeWindow, FollowsTheOneBeforeInEveryZone) {
  const auto names = split_lines(embedded_time_zones().front().content);
  std::minstd_rand random(7);
  for (const auto& name : names) {
    const auto& zone = TimeZone::named(name);
    const auto reset = static_cast<std::int64_t>(random() % (kResetMinuteMax + 1));
    for (const auto period : {BudgetPeriod::daily, BudgetPeriod::weekly, BudgetPeriod::monthly}) {
      auto last = window_of(period, zone, reset, at("2025-12-01T00:00:00Z"));
      int windows = 0;
      while (last.ends_at < at("2028-12-01T00:00:00Z")) {
        const auto next = window_of(period, zone, reset, last.ends_at);
        ASSERT_EQ(next.starts_at, last.ends_at) << name << " " << reset;
        const auto within = next.starts_at + (next.ends_at - next.starts_at) * (random() % 1000) / 1000;
        ASSERT_EQ(window_of(period, zone, reset, within), next) << name << " " << to_rfc3339(within);
        ASSERT_EQ(window_of(period, zone, reset, next.ends_at - 1ms), next) << name;
        if (period == BudgetPeriod::daily) {
          ASSERT_GE(next.ends_at - next.starts_at, 21h) << name;
          ASSERT_LE(next.ends_at - next.starts_at, 27h) << name;
        }
        last = next;
        ++windows;
      }
      const int expected = period == BudgetPeriod::daily ? 1096 : period == BudgetPeriod::weekly ? 157 : 36;
      ASSERT_NEAR(windows, expected, 1) << name << " " << to_string(period);
    }
  }
}

TEST(Budget, ReadsAndWritesItsResetTime) {
  EXPECT_EQ(parse_reset_time("06:30", "budget.resetTime").value(), 390);
  EXPECT_EQ(to_reset_time(390), "06:30");
  EXPECT_EQ(to_reset_time(1439), "23:59");
  for (const char* wrong : {"", "6:30", "24:00", "12:60", "ab:cd", "12:300"}) {
    const auto parsed = parse_reset_time(wrong, "budget.resetTime");
    ASSERT_TRUE(parsed.has_error()) << wrong;
    EXPECT_EQ(parsed.error().fields().at(0).field, "budget.resetTime");
  }
}

}  // namespace time_window_test
}  // namespace test
}  // namespace relay
