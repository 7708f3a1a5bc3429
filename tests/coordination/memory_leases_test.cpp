#include "coordination/memory/memory_leases.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace relay::test {
namespace memory_leases_test {

TEST(MemoryLeases, SoManyRunAndTheNextWhenOneHasEnded) {
  MemoryLeases leases;
  auto first = *leases.try_acquire("key_1", 2);
  const auto second = *leases.try_acquire("key_1", 2);
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(*leases.try_acquire("key_1", 2));
  EXPECT_TRUE(*leases.try_acquire("key_2", 2)) << "another's";
  first = Lease();
  EXPECT_EQ(leases.running("key_1"), 1);
  EXPECT_TRUE(*leases.try_acquire("key_1", 2));
  EXPECT_EQ(leases.running("key_1"), 1) << "given back at once";
  EXPECT_FALSE(*leases.try_acquire("key_3", 0));
}

TEST(MemoryLeases, KeepsWhoRunsAndAFewOfThoseWhoDoNot) {
  MemoryLeases leases;
  const auto runs = *leases.try_acquire("runs", 1);
  for (int i = 0; i < 100'000; ++i) ASSERT_TRUE(*leases.try_acquire("key_" + std::to_string(i), 1));
  EXPECT_LE(leases.size(), 64U * 65 + 1);
  EXPECT_EQ(leases.running("runs"), 1);
  EXPECT_FALSE(*leases.try_acquire("runs", 1));
}

TEST(MemoryLeases, ManyThreadsAreNeverOverTheLimit) {
  MemoryLeases leases;
  std::atomic<int> running{0};
  std::atomic<int> most{0};
  std::atomic<int> admitted{0};
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 5'000; ++i) {
        static_cast<void>(leases.try_acquire("of " + std::to_string(thread * 5'000 + i), 1));
        const auto lease = *leases.try_acquire("shared", 3);
        if (!lease) continue;
        const int now = ++running;
        for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
        }
        ++admitted;
        --running;
      }
    });
  }
  threads.clear();
  EXPECT_LE(most, 3);
  EXPECT_GT(admitted, 0);
  EXPECT_EQ(leases.running("shared"), 0);
}

}  // namespace memory_leases_test
}  // namespace relay::test
