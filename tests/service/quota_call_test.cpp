#include "service/quota_call.h"

#include "fakes/fixed_clock.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace relay::test {
namespace quota_call_test {

using namespace std::chrono;

const WallTime kNow = sys_days(2026y / February / 28) + 23h + 59min;

TEST(QuotaCall, AMonthOfAPlansTokensIsOfTheCalendarOfUtcWhateverTheUsersClock) {
  KeyAccess access{.user_id = "usr_1", .timezone = "Pacific/Auckland"};
  access.tokens_per_month = 1'000;
  ASSERT_TRUE(access.is_limited());
  const auto call = quotas_of(access, kNow);
  ASSERT_EQ(call.count, 1U);
  const auto& month = call.limits[0];
  EXPECT_EQ(month.kind, QuotaKind::tokens_per_month);
  EXPECT_EQ(month.owner, QuotaOwner::plan);
  EXPECT_EQ(month.limit, 1'000);
  EXPECT_EQ(month.starts_at, WallTime(sys_days(2026y / February / 1)));
  EXPECT_EQ(month.ends_at, WallTime(sys_days(2026y / March / 1)));
  EXPECT_FALSE(is_budget(month.kind));
  EXPECT_FALSE(counts_requests(month.kind));
}

TEST(QuotaCall, HasRoomForEveryLimitThatThereIs) {
  const RateLimit limits{.requests_per_minute = 1,
                         .tokens_per_minute = 1,
                         .requests_per_day = 1,
                         .concurrency = 1,
                         .tokens_per_day = 1};
  const Budget budget{.daily = 1, .weekly = 1, .monthly = 1, .total = 1};
  KeyAccess access{.key_id = "key_1", .user_id = "usr_1"};
  access.limits = access.user_limits = access.plan_limits = limits;
  access.budget = access.user_budget = access.plan_budget = budget;
  access.tokens_per_month = 1;
  const auto call = quotas_of(access, kNow);
  EXPECT_EQ(call.count, QuotaCall::kLimitsMax);
  const auto of = [&call](QuotaKind kind) { return std::ranges::count(call.all(), kind, &QuotaLimit::kind); };
  EXPECT_EQ(of(QuotaKind::tokens_per_month), 1);
  EXPECT_EQ(of(QuotaKind::budget_total), 3);
}

// They are kept from call to call.
TEST(QuotaCall, WindowsAreThoseOfTheMomentTheZoneAndTheHourOfTheReset) {
  KeyAccess access{.key_id = "key_1", .user_id = "usr_1", .timezone = "UTC"};
  access.budget = {.daily = 1};
  const auto starts_at = [&access](WallTime now) { return quotas_of(access, now).limits[0].starts_at; };
  for (int round = 0; round < 2; ++round) {
    access.timezone = "UTC";
    access.budget.reset_minute = 0;
    EXPECT_EQ(starts_at(kNow), WallTime(sys_days(2026y / February / 28)));
    EXPECT_EQ(starts_at(kNow + 1min), WallTime(sys_days(2026y / March / 1)));
    EXPECT_EQ(starts_at(kNow - 24h), WallTime(sys_days(2026y / February / 27)));
    access.budget.reset_minute = 60;
    EXPECT_EQ(starts_at(kNow), WallTime(sys_days(2026y / February / 28)) + 1h);
    access.timezone = "Pacific/Auckland";
    EXPECT_EQ(starts_at(kNow), WallTime(sys_days(2026y / February / 28)) + 12h);
    access.budget.reset_minute = 0;
    EXPECT_EQ(starts_at(kNow), WallTime(sys_days(2026y / February / 28)) + 11h);
  }
}

}  // namespace quota_call_test
}  // namespace relay::test
