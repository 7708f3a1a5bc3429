#include "upstream/account_state.h"

#include "fakes/fixed_clock.h"
#include "fakes/seeded_random.h"

#include <gtest/gtest.h>

namespace relay::test {
namespace account_state_test {

using namespace std::chrono_literals;
using Gate = AccountState::Gate;
constexpr std::string_view kFamily = "claude-sonnet";

class AccountStateTest : public testing::Test {
 protected:
  std::optional<RestShown> report(AttemptSign sign, bool is_probe = false,
                                  std::string_view family = kFamily) {
    return report_of(clock_.steady_now(), sign, is_probe, family);
  }
  std::optional<RestShown> report_of(SteadyTime began, AttemptSign sign, bool is_probe = false,
                                     std::string_view family = kFamily) {
    return state_.report({.family = family,
                          .sign = sign,
                          .is_probe = is_probe,
                          .began = began,
                          .now = clock_.steady_now(),
                          .wall_now = clock_.now()},
                         random_);
  }
  Gate gate(std::string_view family = kFamily) { return state_.gate(family, clock_.steady_now()); }
  bool begin_probe() { return state_.begin_probe(kFamily, clock_.steady_now()); }

  AccountState state_;
  FixedClock clock_;
  SeededRandom random_;
};

TEST_F(AccountStateTest, ARateLimitRestsOneFamilyAndAWrongCredentialAllOfThem) {
  ASSERT_TRUE(report(AttemptSign::failure(RestReason::rate_limited)).has_value());
  EXPECT_EQ(gate(), Gate::resting);
  EXPECT_EQ(gate("claude-opus"), Gate::open);
  ASSERT_TRUE(report(AttemptSign::failure(RestReason::unauthorized)).has_value());
  EXPECT_EQ(gate("claude-opus"), Gate::resting);
}

TEST_F(AccountStateTest, AfterTheRestOneProbeDecides) {
  static_cast<void>(report(AttemptSign::failure(RestReason::overloaded)));
  EXPECT_FALSE(begin_probe());
  clock_.advance(3s);
  EXPECT_EQ(gate(), Gate::probe);
  EXPECT_TRUE(begin_probe());
  EXPECT_EQ(gate(), Gate::resting) << "somebody tries";
  EXPECT_FALSE(begin_probe());
  static_cast<void>(report(AttemptSign::success(), true));
  EXPECT_EQ(gate(), Gate::open);
  EXPECT_TRUE(state_.rests().empty());
}

TEST_F(AccountStateTest, AFailedProbeRestsLonger) {
  const auto first = report(AttemptSign::failure(RestReason::overloaded));
  clock_.advance(3s);
  ASSERT_TRUE(begin_probe());
  const auto second = report(AttemptSign::failure(RestReason::overloaded), true);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(second->failures, 2);
  EXPECT_GT(second->until - second->since, first->until - first->since);
  EXPECT_EQ(gate(), Gate::resting);
}

TEST_F(AccountStateTest, AProbeThatShowsNothingLetsTheNextTry) {
  static_cast<void>(report(AttemptSign::failure(RestReason::overloaded)));
  clock_.advance(3s);
  ASSERT_TRUE(begin_probe());
  static_cast<void>(report(AttemptSign::none(), true));
  EXPECT_EQ(gate(), Gate::probe);
  ASSERT_TRUE(begin_probe());
  state_.end_probe(kFamily);
  EXPECT_EQ(gate(), Gate::probe);
}

TEST_F(AccountStateTest, ABurstOfFailuresIsOneFailure) {
  const auto began = clock_.steady_now();
  clock_.advance(50ms);
  ASSERT_TRUE(report_of(began, AttemptSign::failure(RestReason::overloaded)).has_value());
  for (int i = 0; i < 20; ++i)
    EXPECT_FALSE(report_of(began, AttemptSign::failure(RestReason::overloaded)).has_value());
  ASSERT_EQ(state_.rests().size(), 1U);
  EXPECT_EQ(state_.rests()[0].failures, 1);
}

TEST_F(AccountStateTest, ASuccessThatBeganBeforeTheRestDoesNotEndIt) {
  const auto began = clock_.steady_now();
  clock_.advance(50ms);
  static_cast<void>(report(AttemptSign::failure(RestReason::rate_limited)));
  static_cast<void>(report_of(began, AttemptSign::success()));
  EXPECT_EQ(gate(), Gate::resting);
  static_cast<void>(report(AttemptSign::success()));
  EXPECT_EQ(gate(), Gate::open) << "asked for all the same, it answered";
}

TEST_F(AccountStateTest, OtherServerErrorsCountOnlySeveralInAShortTime) {
  const auto sign = AttemptSign::failure(RestReason::server_errors);
  EXPECT_FALSE(report(sign).has_value());
  EXPECT_FALSE(report(sign).has_value());
  EXPECT_EQ(gate(), Gate::open);
  EXPECT_TRUE(report(sign).has_value());
  EXPECT_EQ(gate(), Gate::resting);
}

TEST_F(AccountStateTest, ServerErrorsFarApartOrBetweenSuccessesAreBadLuck) {
  const auto sign = AttemptSign::failure(RestReason::server_errors);
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(report(sign).has_value());
    clock_.advance(20s);
  }
  for (int i = 0; i < 10; ++i) {
    static_cast<void>(report(AttemptSign::success()));
    EXPECT_FALSE(report(sign).has_value());
  }
}

TEST_F(AccountStateTest, WhatAnotherNodeSaysMakesNoRestShorter) {
  state_.hear({.account_id = "upa_1", .family = std::string(kFamily), .reason = "overloaded", .time = 30s},
              "nod_2", clock_.steady_now(), clock_.now());
  EXPECT_EQ(gate(), Gate::resting);
  EXPECT_EQ(state_.rests()[0].heard_from, "nod_2");
  const auto until = state_.rests()[0].until;
  state_.hear({.account_id = "upa_1", .family = std::string(kFamily), .reason = "overloaded", .time = 5s},
              "nod_3", clock_.steady_now(), clock_.now());
  EXPECT_EQ(state_.rests()[0].until, until);
  AccountState other;
  other.hear({.account_id = "upa_1", .family = "", .reason = "bored", .time = 5s}, "nod_2",
             clock_.steady_now(), clock_.now());
  EXPECT_TRUE(other.rests().empty());
}

TEST_F(AccountStateTest, FamiliesAreBounded) {
  for (int i = 0; i < 500; ++i)
    static_cast<void>(
        report(AttemptSign::failure(RestReason::overloaded), false, "family-" + std::to_string(i)));
  EXPECT_LE(state_.rests().size(), 64U);
}

TEST_F(AccountStateTest, CallsPastTheMostAreNotCounted) {
  EXPECT_TRUE(state_.try_begin(2));
  EXPECT_TRUE(state_.try_begin(2));
  EXPECT_FALSE(state_.try_begin(2));
  EXPECT_EQ(state_.in_flight(), 2);
  state_.end();
  EXPECT_TRUE(state_.try_begin(2));
}

TEST_F(AccountStateTest, ASlowAnswerCountsAtOnceAndTimeTakesItBack) {
  state_.saw_latency(true, 100ms, clock_.steady_now());
  state_.saw_latency(true, 4s, clock_.steady_now());
  EXPECT_NEAR(state_.latency_ms(true, clock_.steady_now()), 4000, 1);
  state_.saw_latency(true, 100ms, clock_.steady_now());
  EXPECT_GT(state_.latency_ms(true, clock_.steady_now()), 3000);
  clock_.advance(30s);
  EXPECT_LT(state_.latency_ms(true, clock_.steady_now()), 250);
  state_.saw_latency(true, 100ms, clock_.steady_now());
  EXPECT_NEAR(state_.latency_ms(true, clock_.steady_now()), 285, 5);
  EXPECT_EQ(state_.latency_ms(false, clock_.steady_now()), 0) << "whole answers are another matter";
}

TEST_F(AccountStateTest, SpendingIsOfTheDay) {
  state_.spend(700, clock_.now());
  state_.spend(300, clock_.now());
  EXPECT_EQ(state_.spent_today(clock_.now()), 1000);
  clock_.advance(24h);
  EXPECT_EQ(state_.spent_today(clock_.now()), 0);
  state_.spend(5, clock_.now());
  EXPECT_EQ(state_.spent_today(clock_.now()), 5);
  state_.spend(9, clock_.now() - 24h);
  EXPECT_EQ(state_.spent_today(clock_.now()), 5) << "a call that began yesterday";
}

TEST_F(AccountStateTest, WhatTheStoreKnowsCountsOnItsDayBesideWhatIsSettled) {
  state_.spend(700, clock_.now());
  state_.know_stored(clock_.now(), 1'000);
  EXPECT_EQ(state_.spent_today(clock_.now()), 1'700);
  EXPECT_EQ(state_.settled_on(clock_.now()), 700);
  state_.spend(1, clock_.now());
  EXPECT_EQ(state_.spent_today(clock_.now()), 1'701);
  clock_.advance(24h);
  EXPECT_EQ(state_.spent_today(clock_.now()), 0);
}

}  // namespace account_state_test
}  // namespace relay::test
