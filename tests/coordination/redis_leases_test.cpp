#include "coordination/redis/redis_leases.h"

#include "coordination/redis_nodes.h"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <optional>

namespace relay::test {
namespace redis_leases_test {

using namespace std::chrono_literals;

// A lease that ends while a test can wait for it.
struct ShortLeases {
  ShortLeases(NodeLink& link, const Clock& clock)
      : leases(link, clock, {.lease = 1500ms, .renewed_after = 500ms}) {}
  RedisLeases leases;
};
using Node = RedisNodeUnderTest<ShortLeases>;
constexpr auto kNeverAway = 2s;

Lease acquire(Node& node, std::int64_t limit, const std::string& subject = "key_1") {
  auto lease = node.part.leases.try_acquire(subject, limit);
  return lease ? std::move(*lease) : await(node.part.leases.acquire(subject, limit));
}

std::vector<Lease> acquire_all(Node& node, std::int64_t limit) {
  std::vector<Lease> all;
  while (auto lease = acquire(node, limit)) all.push_back(std::move(lease));
  return all;
}

struct Running {
  std::atomic<int> now{0}, most{0}, passed{0}, refused{0};
};

Awaitable<void> run_often(Node& node, std::int64_t limit, int times, Running& running) {
  NodeLink::Timer timer(co_await boost::asio::this_coro::executor);
  for (int i = 0; i < times; ++i) {
    Lease lease;
    if (auto at_once = node.part.leases.try_acquire("key_1", limit)) {
      lease = std::move(*at_once);
    } else {
      lease = co_await node.part.leases.acquire("key_1", limit);
    }
    if (lease) {
      ++running.passed;
      const int now = ++running.now;
      auto most = running.most.load();
      while (now > most && !running.most.compare_exchange_weak(most, now)) {
      }
    } else {
      ++running.refused;
    }
    timer.expires_after(lease ? 2ms : 1ms);
    static_cast<void>(co_await timer.async_wait(as_result));
    if (lease) --running.now;
  }
}

TEST(RedisLeases, TwoNodesAreNeverOverTheLimit) {
  for (const std::int64_t limit : {3, 20}) {
    const auto prefix = "lease_bound_" + std::to_string(limit);
    Node a(shared_redis(), prefix, "a", kNeverAway);
    Node b(shared_redis(), prefix, "b", kNeverAway);
    Running running;
    run_callers(4, 8, [&](int thread) { return run_often(thread % 2 == 0 ? a : b, limit, 50, running); });
    EXPECT_EQ(running.passed + running.refused, 1600);
    EXPECT_LE(running.most, limit);
    EXPECT_GE(running.most, limit - 1);
    EXPECT_TRUE(comes_true(3s, [&] { return a.part.leases.size() + b.part.leases.size() == 0; }))
        << "all was given back";
    EXPECT_EQ(acquire_all(b, limit).size(), static_cast<std::size_t>(limit));
  }
}

TEST(RedisLeases, CallsAfterEachOtherFindTheirSlotOnAnyNode) {
  Node a(shared_redis(), "lease_one", "a", kNeverAway);
  Node b(shared_redis(), "lease_one", "b", kNeverAway);
  for (int i = 0; i < 50; ++i) {
    auto lease = acquire(i % 2 == 0 ? a : b, 1);
    EXPECT_TRUE(lease);
    EXPECT_FALSE(acquire(i % 2 == 0 ? b : a, 1));
    std::this_thread::sleep_for(25ms);  // the refusal is remembered so long
  }
}

TEST(RedisLeases, KeepsSomeAndGivesThemBackWhenIdle) {
  Node a(shared_redis(), "lease_kept", "a", kNeverAway);
  Node b(shared_redis(), "lease_kept", "b", kNeverAway);
  { const auto all = acquire_all(a, 16); }
  EXPECT_TRUE(a.part.leases.try_acquire("key_1", 16).has_value()) << "answered without asking";
  EXPECT_TRUE(comes_true(3s, [&] { return acquire_all(b, 16).size() == 16; }));
}

TEST(RedisLeases, ARunningCallKeepsItsSlotAndADeadNodeFreesIts) {
  Node b(shared_redis(), "lease_dead", "b", kNeverAway);
  auto a = std::make_unique<Node>(shared_redis(), "lease_dead", "a", kNeverAway);
  std::optional<Lease> lease = acquire(*a, 1);
  EXPECT_TRUE(*lease);
  std::this_thread::sleep_for(3s);  // two leases long
  EXPECT_FALSE(acquire(b, 1)) << "renewed";
  a->link.stop();  // it says nothing any more
  EXPECT_TRUE(comes_true(3s, [&] { return static_cast<bool>(acquire(b, 1)); }));
  lease.reset();
}

TEST(RedisLeases, EachNodeLetsItsShareRunWhileRedisIsAway) {
  RedisServer server;
  Node a(server, "relay", "a");
  Node b(server, "relay", "b");
  ASSERT_TRUE(comes_true(3s, [&] { return a.link.nodes() == 2; }));
  auto of_a = acquire_all(a, 10);
  EXPECT_EQ(of_a.size(), 10U);
  server.kill();
  const auto began = a.clock.steady_now();
  auto of_b = acquire_all(b, 10);
  EXPECT_EQ(of_b.size(), 5U);
  EXPECT_LT(a.clock.steady_now() - began, 150ms);
  EXPECT_FALSE(acquire(a, 10));
  of_a.resize(4);
  EXPECT_TRUE(acquire(a, 10)) << "what it has from before, while its lease lasts";

  server.start();
  ASSERT_TRUE(comes_true(9s, [&] { return a.link.can_ask() && b.link.can_ask(); }));
  std::this_thread::sleep_for(600ms);  // two sweeps: each tells what runs
  EXPECT_EQ(acquire_all(a, 10).size(), 1U) << "4 and 5 run";
  of_a.clear();
  of_b.clear();
  EXPECT_TRUE(comes_true(3s, [&] { return acquire_all(b, 10).size() == 10; }));
}

TEST(RedisLeases, WhatRedisHearsTooLateCountsForNothing) {
  RedisServer server;
  Node a(server, "relay", "a");
  Node b(server, "relay", "b");
  server.process().send(SIGSTOP);
  auto lease = acquire(a, 8);  // given up after its deadline, and done when Redis wakes up
  EXPECT_TRUE(lease) << "its share";
  server.process().send(SIGCONT);
  ASSERT_TRUE(comes_true(9s, [&] { return a.link.can_ask() && b.link.can_ask(); }));
  std::this_thread::sleep_for(600ms);
  EXPECT_EQ(acquire_all(b, 8).size(), 7U);
}

}  // namespace redis_leases_test
}  // namespace relay::test
