#include "upstream/spend_refresh.h"

#include "fakes/await.h"
#include "fakes/fixed_clock.h"
#include "metering/fake_usage_store.h"

#include <gtest/gtest.h>

namespace relay::test {
namespace spend_refresh_test {

using namespace std::chrono_literals;

class SpendRefreshTest : public testing::Test {
 protected:
  AccountState& state() { return *accounts_.pool()->with_id("upa_1")->state; }
  NanoUsd spent() { return state().spent_today(clock_.now()); }

  void settle(NanoUsd cost) {
    state().spend(cost, clock_.now());
    ++newest_record_;
  }
  // All that was settled so far, and of other nodes.
  void store(NanoUsd cost, std::int64_t up_to) {
    store_.costs[std::chrono::floor<std::chrono::days>(clock_.now())] = {{"upa_1", cost}, {"upa_gone", 5}};
    store_.last["node_1"] = up_to;
  }
  void read() { ASSERT_TRUE(await(refresh_.read()).has_value()); }

  static std::vector<UpstreamAccount> one_account() {
    UpstreamAccount account;
    account.id = "upa_1";
    return {account};
  }

  FixedClock clock_;
  FakeUsageStore store_;
  AccountsInForce accounts_{one_account()};
  std::int64_t newest_record_ = 0;
  SpendRefresh refresh_{
      {.usage = store_, .in_force = accounts_, .clock = clock_, .node_id = "node_1", .newest_record = [this] {
         return newest_record_;
       }}};
};

TEST_F(SpendRefreshTest, AStartFindsWhatWasSpentBefore) {
  store(700, 3);
  newest_record_ = 3;
  refresh_.mark();
  read();
  EXPECT_EQ(spent(), 700);
  settle(5);
  EXPECT_EQ(spent(), 705);
}

TEST_F(SpendRefreshTest, WhatIsStoredCountsOnceAndWhatOthersSpentWithIt) {
  refresh_.mark();
  settle(100);
  settle(200);
  EXPECT_EQ(spent(), 300);
  refresh_.mark();
  store(300 + 40, 2);
  read();
  EXPECT_EQ(spent(), 340);
  settle(7);
  EXPECT_EQ(spent(), 347) << "not stored yet";
  read();
  EXPECT_EQ(spent(), 347);
}

TEST_F(SpendRefreshTest, WhatTheJournalStillHasIsNeverTooLittle) {
  refresh_.mark();
  settle(100);
  refresh_.mark();
  settle(200);
  refresh_.mark();
  settle(400);
  store(100, 1);
  read();
  EXPECT_EQ(spent(), 700) << "the mark behind the first record is the newest that is stored";
  store(300, 2);
  read();
  EXPECT_EQ(spent(), 700);
}

TEST_F(SpendRefreshTest, WhatIsStoredBetweenTheMarkAndTheReadingCountsTwiceUntilTheNext) {
  settle(100);
  refresh_.mark();
  settle(50);
  store(150, 2);
  read();
  EXPECT_EQ(spent(), 200);
  refresh_.mark();
  read();
  EXPECT_EQ(spent(), 150);
}

TEST_F(SpendRefreshTest, AJournalThatIsNotStoredForLongKeepsTheOldestMarks) {
  refresh_.mark();
  for (int i = 0; i < 100; ++i) {
    settle(1);
    refresh_.mark();
    store(0, 0);
    read();
    ASSERT_EQ(spent(), i + 1);
  }
  store(100, newest_record_);
  read();
  EXPECT_GE(spent(), 100);
  refresh_.mark();
  read();
  EXPECT_EQ(spent(), 100) << "with a mark of now it is exact again";
}

TEST_F(SpendRefreshTest, AStoreThatIsAwayTakesNothingAway) {
  store(500, 0);
  refresh_.mark();
  read();
  store_.is_away = true;
  settle(20);
  refresh_.mark();
  EXPECT_EQ(await(refresh_.read()).error().kind(), ErrorKind::unavailable);
  EXPECT_EQ(spent(), 520);
}

TEST_F(SpendRefreshTest, ANewDayBeginsAtNothing) {
  settle(300);
  refresh_.mark();
  store(300, 1);
  read();
  clock_.advance(24h);
  EXPECT_EQ(spent(), 0);
  settle(20);
  store(20, 2);
  read();  // the mark is of yesterday: what was settled then says nothing of today
  EXPECT_EQ(spent(), 40);
  refresh_.mark();
  read();
  EXPECT_EQ(spent(), 20);
}

}  // namespace spend_refresh_test
}  // namespace relay::test
