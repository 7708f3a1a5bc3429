#include "coordination/redis/redis_rate_window.h"

#include "coordination/redis_nodes.h"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>

namespace relay::test {
namespace redis_rate_window_test {

using namespace std::chrono_literals;
using std::chrono::duration;

using Node = RedisNodeUnderTest<RedisRateWindow>;
constexpr auto kNeverAway = 2s;

struct Counts {
  std::atomic<int> calls{0}, admitted{0}, asked{0};
  std::atomic<std::int64_t> slowest_us{0};
};

// As relay/admit.cpp does it.
Awaitable<void> call_often(Node& node, std::string subject, std::int64_t limit, int times, Counts& counts) {
  for (int i = 0; i < times; ++i) {
    const auto began = node.clock.steady_now();
    auto decision = node.part.try_take(subject, limit, began);
    if (!decision) {
      ++counts.asked;
      decision = co_await node.part.take(subject, limit, began);
    }
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(node.clock.steady_now() - began);
    auto slowest = counts.slowest_us.load();
    while (took.count() > slowest && !counts.slowest_us.compare_exchange_weak(slowest, took.count())) {
    }
    ++counts.calls;
    if (decision->admitted) ++counts.admitted;
  }
}

void call(Node& node, const std::string& subject, std::int64_t limit, int times, Counts& counts) {
  run_callers(1, 1, [&](int) { return call_often(node, subject, limit, times, counts); });
}

int admitted(Node& node, const std::string& subject, std::int64_t limit, int times) {
  Counts counts;
  call(node, subject, limit, times, counts);
  return counts.admitted;
}

RateDecision take(Node& node, const std::string& subject, std::int64_t limit) {
  auto decision = node.part.try_take(subject, limit, node.clock.steady_now());
  return decision ? *decision : await(node.part.take(subject, limit, node.clock.steady_now()));
}

class RedisRateWindowTest : public testing::Test {
 protected:
  double seconds() const { return duration<double>(clock_.steady_now() - began_).count(); }

  SystemClock clock_;
  SteadyTime began_ = clock_.steady_now();
};

TEST_F(RedisRateWindowTest, TwoNodesAdmitTheLimitUnder4000CallsOf64Callers) {
  Node a(shared_redis(), "rate_bound", "a", kNeverAway);
  Node b(shared_redis(), "rate_bound", "b", kNeverAway);
  constexpr std::int64_t kLimit = 600;
  Counts counts;
  began_ = clock_.steady_now();
  run_callers(4, 16,
              [&](int thread) { return call_often(thread % 2 == 0 ? a : b, "key_1", kLimit, 62, counts); });
  run_callers(1, 32, [&](int) { return call_often(a, "key_1", kLimit, 1, counts); });
  const auto most = 600 + static_cast<int>(seconds() * kLimit / 60);  // from a window that is free
  RecordProperty("admitted", counts.admitted);
  RecordProperty("questions", counts.asked);
  EXPECT_EQ(counts.calls, 4000);
  EXPECT_GE(counts.admitted, 600);
  EXPECT_LE(counts.admitted, most);
  EXPECT_LT(counts.asked, 1000) << "most calls ask nobody";
}

TEST_F(RedisRateWindowTest, IsGcraForASmallLimit) {
  Node a(shared_redis(), "rate_small", "a", kNeverAway);
  Node b(shared_redis(), "rate_small", "b", kNeverAway);
  for (int i = 4; i >= 0; --i) {
    const auto decision = take(i % 2 == 0 ? a : b, "key_1", 5);
    EXPECT_TRUE(decision.admitted);
    EXPECT_EQ(decision.remaining, i);
  }
  for (auto* node : {&a, &b}) {
    const auto refused = take(*node, "key_1", 5);
    EXPECT_FALSE(refused.admitted);
    EXPECT_GT(refused.retry_after, 9s);
    EXPECT_LE(refused.retry_after, 12s);
    EXPECT_GT(refused.reset_after, 57s);
    EXPECT_LE(refused.reset_after, 60s);
  }
  EXPECT_TRUE(take(a, "key_2", 5).admitted);
  EXPECT_TRUE(take(a, "key_3", INT64_MAX).admitted);
}

TEST_F(RedisRateWindowTest, LetsOneMorePassAfterEachInterval) {
  Node node(shared_redis(), "rate_interval", "a", kNeverAway);
  began_ = clock_.steady_now();
  int passed = admitted(node, "key_1", 120, 200);
  EXPECT_GE(passed, 120);
  std::this_thread::sleep_for(1600ms);
  passed += admitted(node, "key_1", 120, 200);
  EXPECT_GE(passed, 123);
  EXPECT_LE(passed, 120 + static_cast<int>(seconds() * 2));
}

TEST_F(RedisRateWindowTest, GivesBackWhatItDidNotSpend) {
  Node a(shared_redis(), "rate_back", "a", kNeverAway);
  Node b(shared_redis(), "rate_back", "b", kNeverAway);
  began_ = clock_.steady_now();
  EXPECT_TRUE(take(a, "key_1", 600).admitted);  // and a holds 29 more
  int passed = 1 + admitted(b, "key_1", 600, 700);
  EXPECT_GE(passed, 571 - 30) << "a piece may still be on its way to b";
  const int given_back = seconds() < 0.9 ? 0 : 29;  // a slow machine's node has had the time for it
  EXPECT_LE(passed, 571 + given_back + static_cast<int>(seconds() * 10) + 1);
  // Ten a second are free again: without the 29 nobody ever comes this near to all there is.
  const auto all_but = [&](int left) { return 600 + static_cast<int>(seconds() * 10) - left; };
  EXPECT_TRUE(comes_true(10s,
                         [&] {
                           const int most = all_but(12);
                           passed += admitted(b, "key_1", 600, 60);
                           return passed >= most;
                         }))
      << "what it holds too long comes back: " << passed << " of " << all_but(0);
  EXPECT_LE(passed, all_but(0));
  const auto own = a.part.try_take("key_1", 600, clock_.steady_now());
  EXPECT_FALSE(own && own->admitted) << "and is not its own any more";
}

TEST_F(RedisRateWindowTest, ForgetsWhatIsFreeAgain) {
  Node node(shared_redis(), "rate_memory", "a", kNeverAway);
  for (int i = 0; i < 100; ++i) take(node, "key_" + std::to_string(i), 6000);
  EXPECT_EQ(node.part.size(), 100U);
  EXPECT_TRUE(comes_true(4s, [&] { return node.part.size() == 0; }));
  const auto keys = await(node.client.run(RedisCommand("KEYS").arg("{rate_memory:rate:*")));
  EXPECT_TRUE(keys.value().items.empty()) << "in Redis too";
}

TEST_F(RedisRateWindowTest, EachNodeTakesItsShareWhileRedisIsAway) {
  RedisServer server;
  Node a(server, "relay", "a");
  Node b(server, "relay", "b");
  ASSERT_TRUE(comes_true(3s, [&] { return a.link.nodes() == 2; }));
  server.kill();
  Counts of_a, of_b;
  began_ = clock_.steady_now();
  call(a, "key_1", 600, 1000, of_a);
  call(b, "key_1", 600, 1000, of_b);
  EXPECT_GE(of_a.admitted, 300);
  EXPECT_GE(of_b.admitted, 300);
  EXPECT_LE(of_a.admitted + of_b.admitted, 600 + static_cast<int>(seconds() * 10));
  EXPECT_LT(of_a.slowest_us, 150'000);

  // Back, with nothing of it in its memory: each node tells what its share let pass.
  server.start();
  ASSERT_TRUE(comes_true(9s, [&] { return a.link.can_ask() && b.link.can_ask(); }));
  const int before = of_a.admitted + of_b.admitted;
  call(a, "key_1", 600, 1, of_a);
  call(b, "key_1", 600, 1, of_b);
  call(a, "key_1", 600, 1000, of_a);
  call(b, "key_1", 600, 1000, of_b);
  const int all = of_a.admitted + of_b.admitted;
  RecordProperty("admitted_before", before);
  RecordProperty("admitted_after", all - before);
  EXPECT_LE(all, 600 + 600 + static_cast<int>(seconds() * 10)) << "the bound: one limit more, once";
}

TEST_F(RedisRateWindowTest, WhatPassedBeforeRedisWentIsPartOfTheShare) {
  RedisServer server;
  Node a(server, "relay", "a");
  Node b(server, "relay", "b");
  ASSERT_TRUE(comes_true(3s, [&] { return a.link.nodes() == 2; }));
  began_ = clock_.steady_now();
  int passed = admitted(a, "key_1", 600, 400);
  EXPECT_EQ(passed, 400);
  server.kill();
  const int more_of_a = admitted(a, "key_1", 600, 100);
  EXPECT_LE(more_of_a, 30 + 2 + static_cast<int>(seconds() * 5)) << "what it had fetched, no share on top";
  passed += more_of_a + admitted(b, "key_1", 600, 1000);
  EXPECT_LE(passed, 600 + 300 + static_cast<int>(seconds() * 10)) << "the other's share came on top";
}

TEST_F(RedisRateWindowTest, ABlackHoleDelaysCallsByItsDeadlineOnce) {
  RedisServer server;
  Node node(server, "relay", "a");
  server.process().send(SIGSTOP);
  Counts counts;
  run_callers(2, 16, [&](int) { return call_often(node, "key_1", 600, 50, counts); });
  EXPECT_EQ(counts.calls, 1600);
  EXPECT_GE(counts.admitted, 600);
  EXPECT_LT(counts.slowest_us, 150'000);
  EXPECT_LE(counts.asked, 32);
  server.process().send(SIGCONT);
}

}  // namespace redis_rate_window_test
}  // namespace relay::test
