#include "service/budget_watch.h"

#include <gtest/gtest.h>

namespace relay::test {
namespace budget_watch_test {

using namespace std::chrono_literals;

class BudgetWatchTest : public testing::Test {
 protected:
  static QuotaLimit budget(QuotaOwner owner = QuotaOwner::user, WallTime starts_at = WallTime(24h)) {
    return {.owner = owner, .kind = QuotaKind::budget_daily, .limit = 1'000, .starts_at = starts_at};
  }
  void look(std::int64_t used, QuotaLimit limit = budget(), std::string_view user = "usr_1") {
    QuotaCall call{.user_id = user, .key_id = "key_1"};
    call.add(limit);
    QuotaDecision decision;
    decision.states[0].used = used;
    watch_.look(call, decision);
  }
  static QuotaLimit of_limit(std::int64_t limit) {
    auto changed = budget();
    changed.limit = limit;
    return changed;
  }

  BudgetWatch watch_;
};

TEST_F(BudgetWatchTest, EachWindowIsNotedOnceAtEightyAndOnceAtAHundred) {
  for (const std::int64_t used : {0, 799, 800, 850, 999, 1'000, 1'000, 5'000, 900}) look(used);
  const auto uses = watch_.take();
  ASSERT_EQ(uses.size(), 2U);
  EXPECT_EQ(uses[0].percent, 80);
  EXPECT_EQ(uses[0].spent, 800);
  EXPECT_EQ(uses[1].percent, 100);
  EXPECT_EQ(uses[1].user_id, "usr_1");
  EXPECT_EQ(uses[1].key_id, "");
  look(1'000);
  EXPECT_TRUE(watch_.take().empty());
}

TEST_F(BudgetWatchTest, WhoseItIsWhenItBeganAndHowMuchItIsMakeAnotherWindow) {
  look(900);
  look(900, budget(QuotaOwner::plan));
  look(900, budget(QuotaOwner::key));
  look(900, budget(QuotaOwner::user, WallTime(48h)));
  look(900, budget(), "usr_2");
  look(900, of_limit(1'001));
  look(1, of_limit(0));  // a budget of nothing tells nobody
  const auto uses = watch_.take();
  ASSERT_EQ(uses.size(), 6U);
  EXPECT_EQ(uses[2].key_id, "key_1");
}

TEST_F(BudgetWatchTest, WhatIsPutBackIsTakenAgainBeforeWhatCameMeanwhile) {
  look(900);
  auto taken = watch_.take();
  look(1'000);
  watch_.put_back(std::move(taken));
  look(900);
  const auto uses = watch_.take();
  ASSERT_EQ(uses.size(), 2U);
  EXPECT_EQ(uses[0].percent, 80);
  EXPECT_EQ(uses[1].percent, 100);
}

TEST_F(BudgetWatchTest, NoMoreThanSoManyWaitAndLaterCallsBringTheOthers) {
  for (std::size_t n = 0; n < BudgetWatch::kWaitingMax; ++n)
    look(1'000'000'000, of_limit(2'000 + static_cast<std::int64_t>(n)));
  look(900);
  auto taken = watch_.take();
  EXPECT_EQ(taken.size(), BudgetWatch::kWaitingMax) << "no room for the last";
  look(900);
  watch_.put_back(std::move(taken));
  EXPECT_EQ(watch_.take().size(), BudgetWatch::kWaitingMax);
  look(900);
  const auto later = watch_.take();
  ASSERT_EQ(later.size(), 1U) << "what was left out comes again";
  EXPECT_EQ(later[0].percent, 80);
}

}  // namespace budget_watch_test
}  // namespace relay::test
