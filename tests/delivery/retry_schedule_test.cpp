#include "delivery/retry_schedule.h"

#include "fakes/seeded_random.h"

#include <gtest/gtest.h>

namespace relay::test {
namespace retry_schedule_test {

using namespace std::chrono_literals;

TEST(RetrySchedule, DoublesUpToAnHourAndGivesUpAfterADay) {
  SeededRandom random;
  const RetrySchedule schedule;
  std::chrono::milliseconds whole = 1s;
  std::chrono::milliseconds most{0};
  for (std::int64_t attempts = 1; attempts < schedule.attempts_max; ++attempts) {
    const auto wait = schedule.wait_after(attempts, random);
    ASSERT_TRUE(wait.has_value());
    EXPECT_GE(*wait, whole / 2) << attempts;
    EXPECT_LE(*wait, whole) << attempts;
    most += whole;
    whole = std::min<std::chrono::milliseconds>(whole * 2, 1h);
  }
  EXPECT_EQ(schedule.wait_after(schedule.attempts_max, random), std::nullopt);
  EXPECT_GT(most, 20h);
  EXPECT_LT(most, 26h);
}

TEST(RetrySchedule, SpreadsMailsThatFailedTogether) {
  SeededRandom random;
  const RetrySchedule schedule;
  std::chrono::milliseconds least = 1h;
  std::chrono::milliseconds most = 0s;
  for (int i = 0; i < 1000; ++i) {
    const auto wait = schedule.wait_after(30, random).value();
    least = std::min(least, wait);
    most = std::max(most, wait);
  }
  EXPECT_LT(least, 31min);
  EXPECT_GT(most, 59min);
}

}  // namespace retry_schedule_test
}  // namespace relay::test
