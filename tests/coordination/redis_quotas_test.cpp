#include "coordination/redis/redis_quotas.h"

#include "coordination/redis_nodes.h"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>

namespace relay::test {
namespace redis_quotas_test {

using namespace std::chrono_literals;

class SharedHistory final : public QuotaHistory {
 public:
  Task<QuotaSums> sums(std::string, std::string, WallTime) override {
    ++asked;
    co_return known;
  }
  QuotaSums known;
  std::atomic<int> asked{0};
};
SharedHistory& history() {
  static SharedHistory one;
  return one;
}

// A hold that ends while a test can wait for it.
struct ShortQuotas {
  ShortQuotas(NodeLink& link, const Clock& clock)
      : quotas(link, history(), clock, {.lease = 1500ms, .renewed_after = 400ms}) {}
  RedisQuotas quotas;
};
using Node = RedisNodeUnderTest<ShortQuotas>;

class RedisQuotasTest : public testing::Test {
 protected:
  RedisQuotasTest() {
    history().known = {};
    history().asked = 0;
  }
  QuotaCall a_call(QuotaKind kind, std::int64_t limit, std::int64_t amount) const {
    QuotaCall call{.user_id = "usr_1", .key_id = "key_1"};
    const auto day = std::chrono::floor<std::chrono::days>(SystemClock().now());
    const bool is_bucket = kind == QuotaKind::tokens_per_minute;
    call.add({.owner = QuotaOwner::key,
              .kind = kind,
              .limit = limit,
              .amount = amount,
              .starts_at = is_bucket ? WallTime() : WallTime(day),
              .ends_at = is_bucket ? WallTime() : WallTime(day + std::chrono::days(1))});
    return call;
  }
  static QuotaDecision reserve(Node& node, const QuotaCall& call) {
    return await(node.part.quotas.reserve(call, SystemClock().now())).value();
  }
  static QuotaState state(Node& node, const QuotaCall& call) {
    return await(node.part.quotas.look(call, SystemClock().now())).value().states[0];
  }

  RedisServer server_;
};

Awaitable<void> reserve_once(Node& node, const QuotaCall& call, std::atomic<int>& admitted,
                             std::vector<QuotaHold>& kept, std::mutex& mutex) {
  auto decision = co_await node.part.quotas.reserve(call, SystemClock().now());
  if (decision.has_value() && decision->verdict == QuotaVerdict::admitted) {
    ++admitted;
    const std::lock_guard lock(mutex);
    kept.push_back(std::move(decision->hold));
  }
}

TEST_F(RedisQuotasTest, OfFortyCallsAtOnceOverTwoNodesWithRoomForOneLetsOneIn) {
  Node one(server_, "relay", "a", 2s);
  Node two(server_, "relay", "b", 2s);
  const auto call = a_call(QuotaKind::budget_daily, 100, 100);
  std::atomic<int> admitted{0};
  std::vector<QuotaHold> kept;
  std::mutex mutex;
  run_callers(4, 10, [&](int thread) {
    return reserve_once(thread % 2 == 0 ? one : two, call, admitted, kept, mutex);
  });
  EXPECT_EQ(admitted, 1);
  EXPECT_EQ(state(two, call).held, 100);
}

TEST_F(RedisQuotasTest, WhatOneNodeSettlesTheOtherSees) {
  Node one(server_, "relay", "a", 2s);
  Node two(server_, "relay", "b", 2s);
  const auto call = a_call(QuotaKind::tokens_per_day, 1'000, 300);
  auto first = reserve(one, call);
  ASSERT_EQ(first.verdict, QuotaVerdict::admitted);
  EXPECT_EQ(state(two, call).held, 300);
  first.hold.add(40, 0);
  first.hold.close();
  EXPECT_TRUE(comes_true(2s, [&] { return state(two, call).used == 40 && state(two, call).held == 0; }));
}

TEST_F(RedisQuotasTest, TheHoldOfANodeThatDiesEndsAndIsSettledAllTheSame) {
  auto one = std::make_unique<Node>(server_, "relay", "a", 2s);
  Node two(server_, "relay", "b", 2s);
  const auto call = a_call(QuotaKind::budget_daily, 100, 100);
  auto lost = reserve(*one, call);
  ASSERT_EQ(lost.verdict, QuotaVerdict::admitted);
  EXPECT_EQ(reserve(two, call).verdict, QuotaVerdict::refused);
  std::this_thread::sleep_for(2500ms);
  EXPECT_EQ(reserve(two, call).verdict, QuotaVerdict::refused) << "a hold that lives is renewed";
  one->link.stop();  // nothing is renewed any more
  EXPECT_TRUE(comes_true(5s, [&] { return state(two, call).held == 0; }));
  // The other node takes it over, as a settlement that comes late.
  lost.hold.close();
}

TEST_F(RedisQuotasTest, ALateSettlementCounts) {
  Node one(server_, "relay", "a", 2s);
  const auto call = a_call(QuotaKind::budget_daily, 100, 100);
  auto late = reserve(one, call);
  ASSERT_EQ(late.verdict, QuotaVerdict::admitted);
  // As if the node had been away for longer than its holds last.
  server_.say("DEL {relay:quota:usr_1}:holds");
  late.hold.add(0, 60);
  late.hold.close();
  EXPECT_TRUE(comes_true(2s, [&] { return state(one, call).used == 60 && state(one, call).held == 0; }));
}

TEST_F(RedisQuotasTest, BeginsWithWhatTheStoreKnowsAndDoesSoAgainWhenRedisLostIt) {
  Node one(server_, "relay", "a", 2s);
  history().known = {.requests = 7, .tokens = 70, .nano_usd = 95};
  const auto call = a_call(QuotaKind::budget_daily, 100, 10);
  { EXPECT_EQ(reserve(one, call).states[0].used, 95); }
  EXPECT_EQ(history().asked, 1);
  server_.say("FLUSHALL");
  history().known.nano_usd = 100;
  EXPECT_EQ(reserve(one, call).verdict, QuotaVerdict::refused);
  EXPECT_EQ(history().asked, 2);
}

TEST_F(RedisQuotasTest, ABucketOfTokensEmptiesEvenly) {
  Node one(server_, "relay", "a", 2s);
  const auto call = a_call(QuotaKind::tokens_per_minute, 6'000, 6'000);
  auto first = reserve(one, call);
  ASSERT_EQ(first.verdict, QuotaVerdict::admitted);
  EXPECT_EQ(reserve(one, call).verdict, QuotaVerdict::refused);
  first.hold.add(6'020, 0);
  first.hold.close();
  EXPECT_TRUE(comes_true(3s, [&] { return reserve(one, call).verdict == QuotaVerdict::admitted; }))
      << "100 tokens come back in a second";
}

TEST_F(RedisQuotasTest, WithoutRedisANodeLetsItsShareOfWhatWasLeftPass) {
  Node one(server_, "relay", "a", 500ms);
  Node two(server_, "relay", "b", 500ms);
  ASSERT_TRUE(comes_true(5s, [&] { return one.link.nodes() == 2 && two.link.nodes() == 2; }));
  const auto call = a_call(QuotaKind::requests_per_day, 20, 1);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(reserve(one, call).verdict, QuotaVerdict::admitted);
  server_.process().send(SIGSTOP);
  int passed = 0;
  for (int i = 0; i < 20; ++i) passed += reserve(one, call).verdict == QuotaVerdict::admitted ? 1 : 0;
  EXPECT_EQ(passed, 5) << "of the ten that were left, its half";
  server_.process().send(SIGCONT);
  ASSERT_TRUE(comes_true(10s, [&] { return one.link.can_ask(); }));
  // The one question that went unanswered was asked all the same, and counts too.
  EXPECT_TRUE(comes_true(5s, [&] { return state(two, call).used == 16; }))
      << "it is told of what passed: " << state(two, call).used;
}

TEST_F(RedisQuotasTest, WhatIsCountedWithoutAHoldCountsOnEveryNode) {
  Node one(server_, "relay", "a", 2s);
  Node two(server_, "relay", "b", 2s);
  const auto call = a_call(QuotaKind::tokens_per_day, 1'000, 0);
  EXPECT_EQ(state(two, call).used, 0);
  one.part.quotas.count(call, 1'500, 7);
  EXPECT_TRUE(comes_true(2s, [&] { return state(two, call).used == 1'500; }));
  EXPECT_EQ(reserve(two, call).verdict, QuotaVerdict::refused);
  auto yesterday = call;
  yesterday.limits[0].starts_at -= std::chrono::days(1);
  one.part.quotas.count(yesterday, 9, 9);
  one.part.quotas.count(call, 1, 1);
  EXPECT_TRUE(comes_true(2s, [&] { return state(two, call).used == 1'501; }));
}

}  // namespace redis_quotas_test
}  // namespace relay::test
