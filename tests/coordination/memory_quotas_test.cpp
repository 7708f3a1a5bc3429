#include "coordination/memory/memory_quotas.h"

#include "fakes/await.h"
#include "fakes/fixed_clock.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

namespace relay::test {
namespace memory_quotas_test {

using namespace std::chrono_literals;

/// A store that says how much was used, and how often it was asked.
class ToldHistory final : public QuotaHistory {
 public:
  Task<QuotaSums> sums(std::string, std::string key_id, WallTime) override {
    ++asked;
    if (away) co_return Error(ErrorKind::unavailable, "store_away", "away");
    co_return key_id.empty() ? of_user : of_key;
  }
  QuotaSums of_user, of_key;
  std::atomic<int> asked{0};
  bool away = false;
};

class MemoryQuotasTest : public testing::Test {
 protected:
  QuotaCall a_call(std::initializer_list<QuotaLimit> limits) const {
    QuotaCall call{.user_id = "usr_1", .key_id = "key_1"};
    for (const auto& limit : limits) call.add(limit);
    return call;
  }
  QuotaLimit daily(QuotaKind kind, std::int64_t limit, std::int64_t amount,
                   QuotaOwner owner = QuotaOwner::key) const {
    const auto day = std::chrono::floor<std::chrono::days>(clock_.now());
    return {.owner = owner,
            .kind = kind,
            .limit = limit,
            .amount = amount,
            .starts_at = day,
            .ends_at = day + std::chrono::days(1)};
  }
  QuotaDecision reserve(const QuotaCall& call) {
    auto at_once = quotas_.try_reserve(call, clock_.now());
    if (at_once.verdict != QuotaVerdict::unsure) return at_once;
    return await(quotas_.reserve(call, clock_.now())).value();
  }

  FixedClock clock_;
  ToldHistory history_;
  MemoryQuotas quotas_{history_};
};

TEST_F(MemoryQuotasTest, OfFortyCallsAtOnceWithRoomForOneLetsOneIn) {
  const auto call = a_call({daily(QuotaKind::budget_daily, 100, 80)});
  ASSERT_TRUE(await(quotas_.look(call, clock_.now())).has_value());
  // A second one would have room for its first nano-dollars only once the first has given back.
  const auto tight = a_call({daily(QuotaKind::budget_daily, 80, 80)});
  std::atomic<int> admitted{0};
  std::vector<std::optional<QuotaDecision>> held(40);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = t * 10; i < t * 10 + 10; ++i) {
        held[i] = quotas_.try_reserve(tight, clock_.now());
        if (held[i]->verdict == QuotaVerdict::admitted) ++admitted;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(admitted, 1);
}

TEST_F(MemoryQuotasTest, LetsAsManyInAsThereIsRoomForWhatTheyHold) {
  std::vector<QuotaDecision> held;
  for (int i = 0; i < 3; ++i) held.push_back(reserve(a_call({daily(QuotaKind::budget_daily, 100, 40)})));
  EXPECT_EQ(held[2].verdict, QuotaVerdict::admitted) << "80 of 100 are held: there is something left";
  EXPECT_EQ(held[2].states[0].held, 120);
  const auto fourth = reserve(a_call({daily(QuotaKind::budget_daily, 100, 40)}));
  EXPECT_EQ(fourth.verdict, QuotaVerdict::refused);
  EXPECT_EQ(fourth.refused_by, 0U);
}

TEST_F(MemoryQuotasTest, SettlesWhatWasUsedInThePlaceOfWhatWasHeld) {
  const auto call =
      a_call({daily(QuotaKind::budget_daily, 1000, 900), daily(QuotaKind::tokens_per_day, 500, 400)});
  {
    auto first = reserve(call);
    ASSERT_EQ(first.verdict, QuotaVerdict::admitted);
    first.hold.add(10, 30);
    first.hold.add(5, 20);  // a second attempt
    first.hold.close();
    first.hold.close();
  }
  const auto look = await(quotas_.look(call, clock_.now())).value();
  EXPECT_EQ(look.states[0].used, 50);
  EXPECT_EQ(look.states[0].held, 0);
  EXPECT_EQ(look.states[1].used, 15);
  EXPECT_EQ(look.states[1].held, 0);
}

TEST_F(MemoryQuotasTest, AHoldThatGoesOutOfScopeIsGivenBack) {
  const auto call = a_call({daily(QuotaKind::budget_daily, 100, 100)});
  { ASSERT_EQ(reserve(call).verdict, QuotaVerdict::admitted); }
  EXPECT_EQ(reserve(call).verdict, QuotaVerdict::admitted);
}

TEST_F(MemoryQuotasTest, TakesNothingOfAnyLimitWhenOneRefuses) {
  const auto full = a_call({daily(QuotaKind::requests_per_day, 10, 1), daily(QuotaKind::budget_daily, 0, 5)});
  EXPECT_EQ(reserve(full).refused_by, 1U);
  const auto look = await(quotas_.look(full, clock_.now())).value();
  EXPECT_EQ(look.states[0].used, 0);
  EXPECT_EQ(look.states[1].held, 0);
}

TEST_F(MemoryQuotasTest, ARequestCountsAtOnceAndForTheDay) {
  const auto call = a_call({daily(QuotaKind::requests_per_day, 2, 1)});
  { EXPECT_EQ(reserve(call).verdict, QuotaVerdict::admitted); }
  { EXPECT_EQ(reserve(call).verdict, QuotaVerdict::admitted); }
  EXPECT_EQ(reserve(call).verdict, QuotaVerdict::refused);
  clock_.advance(24h);
  EXPECT_EQ(reserve(a_call({daily(QuotaKind::requests_per_day, 2, 1)})).verdict, QuotaVerdict::admitted);
}

TEST_F(MemoryQuotasTest, ASoftBudgetRefusesNothing) {
  auto limit = daily(QuotaKind::budget_daily, 0, 5);
  limit.is_soft = true;
  const auto decision = reserve(a_call({limit}));
  EXPECT_EQ(decision.verdict, QuotaVerdict::admitted);
  EXPECT_EQ(decision.states[0].held, 5);
}

TEST_F(MemoryQuotasTest, TokensOfAMinuteComeBackEvenly) {
  const auto call = a_call({{.kind = QuotaKind::tokens_per_minute, .limit = 600, .amount = 100}});
  {
    auto first = reserve(call);
    ASSERT_EQ(first.verdict, QuotaVerdict::admitted);
    first.hold.add(900, 0);  // far more than it was thought to
  }
  EXPECT_EQ(reserve(call).verdict, QuotaVerdict::refused);
  clock_.advance(30s);
  EXPECT_EQ(reserve(call).verdict, QuotaVerdict::refused) << "300 of 900 have run out: 600 are left in it";
  clock_.advance(1s);
  EXPECT_EQ(reserve(call).verdict, QuotaVerdict::admitted);
  EXPECT_EQ(until_room(900, 600), 30'101ms);
}

TEST_F(MemoryQuotasTest, BeginsWithWhatTheStoreKnows) {
  history_.of_key = {.requests = 3, .tokens = 70, .nano_usd = 99};
  history_.of_user = {.requests = 5, .tokens = 90, .nano_usd = 200};
  const auto call =
      a_call({daily(QuotaKind::budget_daily, 100, 50), daily(QuotaKind::requests_per_day, 100, 1),
              daily(QuotaKind::tokens_per_day, 100, 1, QuotaOwner::user)});
  EXPECT_EQ(quotas_.try_reserve(call, clock_.now()).verdict, QuotaVerdict::unsure);
  auto first = await(quotas_.reserve(call, clock_.now())).value();
  ASSERT_EQ(first.verdict, QuotaVerdict::admitted);
  EXPECT_EQ(first.states[0].used, 99);
  EXPECT_EQ(first.states[1].used, 4);
  EXPECT_EQ(first.states[2].used, 90);
  EXPECT_EQ(history_.asked, 2) << "once for the key, once for the user";
  first.hold.add(0, 1);
  first.hold.close();
  EXPECT_EQ(reserve(call).verdict, QuotaVerdict::refused);
}

TEST_F(MemoryQuotasTest, AWindowThatBeginsLaterBeginsAtNothing) {
  history_.of_key = {.requests = 3, .tokens = 70, .nano_usd = 99};
  clock_.advance(23h);
  ASSERT_EQ(reserve(a_call({daily(QuotaKind::budget_daily, 100, 50)})).verdict, QuotaVerdict::admitted);
  clock_.advance(90min);  // what is in memory is kept for longer
  history_.away = true;
  const auto next = quotas_.try_reserve(a_call({daily(QuotaKind::budget_daily, 100, 50)}), clock_.now());
  EXPECT_EQ(next.verdict, QuotaVerdict::admitted);
  EXPECT_EQ(next.states[0].used, 0);
}

TEST_F(MemoryQuotasTest, WithoutTheStoreIsUnavailableAndNotSpent) {
  history_.away = true;
  const auto decision =
      await(quotas_.reserve(a_call({daily(QuotaKind::budget_daily, 100, 50)}), clock_.now()));
  ASSERT_TRUE(decision.has_error());
  EXPECT_EQ(decision.error().kind(), ErrorKind::unavailable);
}

TEST_F(MemoryQuotasTest, ACallThatRunsOverTheEndOfItsWindowCountsInIt) {
  auto late = reserve(a_call({daily(QuotaKind::budget_daily, 100, 90)}));
  clock_.advance(24h);
  const auto today = a_call({daily(QuotaKind::budget_daily, 100, 90)});
  ASSERT_EQ(await(quotas_.look(today, clock_.now())).value().states[0].held, 0);
  late.hold.add(0, 95);
  late.hold.close();
  const auto look = await(quotas_.look(today, clock_.now())).value();
  EXPECT_EQ(look.states[0].used, 0);
  EXPECT_EQ(look.states[0].held, 0);
}

TEST_F(MemoryQuotasTest, KeysOfOneUserCountByThemselvesAndTheUserOverAll) {
  QuotaCall one{.user_id = "usr_1", .key_id = "key_1"};
  QuotaCall two{.user_id = "usr_1", .key_id = "key_2"};
  for (auto* call : {&one, &two}) {
    call->add(daily(QuotaKind::requests_per_day, 1, 1));
    call->add(daily(QuotaKind::requests_per_day, 2, 1, QuotaOwner::user));
  }
  EXPECT_EQ(reserve(one).verdict, QuotaVerdict::admitted);
  EXPECT_EQ(reserve(one).refused_by, 0U);
  EXPECT_EQ(reserve(two).verdict, QuotaVerdict::admitted);
  QuotaCall three{.user_id = "usr_1", .key_id = "key_3"};
  three.add(daily(QuotaKind::requests_per_day, 1, 1));
  three.add(daily(QuotaKind::requests_per_day, 2, 1, QuotaOwner::user));
  const auto refused = reserve(three);
  EXPECT_EQ(refused.verdict, QuotaVerdict::refused);
  EXPECT_EQ(refused.refused_by, 1U);
}

TEST_F(MemoryQuotasTest, ForgetsWhoHasNotAskedInHoursAndMakesTheSumsAnew) {
  const auto call = a_call({daily(QuotaKind::budget_total, 1000, 50)});
  { ASSERT_EQ(reserve(call).verdict, QuotaVerdict::admitted); }
  EXPECT_EQ(quotas_.size(), 1U);
  clock_.advance(3h);
  history_.of_key.nano_usd = 7;
  EXPECT_EQ(reserve(call).states[0].used, 7);
  EXPECT_EQ(history_.asked, 2);
}

TEST_F(MemoryQuotasTest, WhatIsCountedWithoutAHoldCountsPastTheLimitInItsOwnWindowOnly) {
  const auto call = a_call({daily(QuotaKind::tokens_per_day, 100, 10),
                            daily(QuotaKind::budget_daily, 1000, 0),
                            daily(QuotaKind::requests_per_day, 10, 1),
                            {.kind = QuotaKind::tokens_per_minute, .limit = 600, .amount = 1}});
  quotas_.count(call, 1, 1);
  EXPECT_EQ(quotas_.size(), 0U) << "nobody has asked for this user: the history knows";
  reserve(call).hold.close();
  quotas_.count(call, 400, 30);
  auto look = await(quotas_.look(call, clock_.now())).value();
  EXPECT_EQ(look.states[0].used, 400);
  EXPECT_EQ(look.states[1].used, 30);
  EXPECT_EQ(look.states[2].used, 1) << "no request";
  EXPECT_EQ(look.states[3].used, 0) << "no burst";
  EXPECT_EQ(reserve(call).verdict, QuotaVerdict::refused);
  const auto yesterday = call;
  clock_.advance(24h);
  const auto today = a_call({daily(QuotaKind::tokens_per_day, 100, 10)});
  reserve(today).hold.close();
  quotas_.count(yesterday, 50, 50);
  EXPECT_EQ(await(quotas_.look(today, clock_.now())).value().states[0].used, 0);
}

}  // namespace memory_quotas_test
}  // namespace relay::test
