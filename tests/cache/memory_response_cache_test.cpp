#include "cache/memory_response_cache.h"

#include "fakes/fixed_clock.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace relay {
namespace memory_response_cache_test {

using namespace std::chrono_literals;

CacheKey key_of(int number) { return sha256(std::to_string(number)); }

KeptAnswer an_answer(std::string body) {
  return {.headers = {{"content-type", "application/json"}},
          .body = std::move(body),
          .is_event_stream = false,
          .usage = {},
          .mode = {},
          .model = "m",
          .message_id = "msg_1"};
}

class MemoryResponseCacheTest : public testing::Test {
 protected:
  std::string body_at(int number, std::chrono::milliseconds ttl = 1h) {
    const auto found = cache_.find(key_of(number), ttl);
    return found.answer ? found.answer->body : "none";
  }

  test::FixedClock clock_;
  // Room for 9 bodies of 10,000 bytes with what lies beside them, in one shard.
  MemoryResponseCache cache_{{.bytes_max = 100'000, .body_bytes_max = 20'000, .default_ttl = 5min}, clock_};
};

TEST_F(MemoryResponseCacheTest, FindsWhatWasKeptAndSaysItsAge) {
  EXPECT_EQ(cache_.find(key_of(1), 1h).answer, nullptr);
  cache_.keep(key_of(1), an_answer("one"), 1min);
  clock_.advance(1500ms);
  const auto found = cache_.find(key_of(1), 1h);
  ASSERT_NE(found.answer, nullptr);
  EXPECT_EQ(found.answer->body, "one");
  EXPECT_EQ(found.answer->headers.at(0).value, "application/json");
  EXPECT_EQ(found.age, 1500ms);
  EXPECT_EQ(body_at(2), "none");
  cache_.keep(key_of(1), an_answer("another"), 1min);
  EXPECT_EQ(body_at(1), "another");
  EXPECT_EQ(cache_.figures().entries, 1U);
}

TEST_F(MemoryResponseCacheTest, ForgetsWhatIsPastItsTime) {
  cache_.keep(key_of(1), an_answer("one"), 10s);
  clock_.advance(9'999ms);
  EXPECT_EQ(body_at(1), "one");
  clock_.advance(1ms);
  EXPECT_EQ(body_at(1), "none");
  EXPECT_EQ(cache_.figures().entries, 0U);
  EXPECT_EQ(cache_.figures().bytes, 0U);
}

TEST_F(MemoryResponseCacheTest, GivesNothingOlderThanTheCallTakes) {
  cache_.keep(key_of(1), an_answer("one"), 1min);
  clock_.advance(10s);
  EXPECT_EQ(body_at(1, 10s), "none");
  EXPECT_EQ(body_at(1, 11s), "one");  // it was too old for that call alone
}

TEST_F(MemoryResponseCacheTest, ThrowsOutWhatWasNotAskedForTheLongest) {
  for (int i = 0; i < 9; ++i) cache_.keep(key_of(i), an_answer(std::string(10'000, 'x')), 1h);
  EXPECT_EQ(cache_.figures().entries, 9U);
  EXPECT_NE(body_at(0), "none");
  cache_.keep(key_of(9), an_answer(std::string(10'000, 'x')), 1h);
  EXPECT_NE(body_at(0), "none");
  EXPECT_EQ(body_at(1), "none");
  EXPECT_NE(body_at(9), "none");
  EXPECT_LE(cache_.figures().bytes, 100'000U);
}

TEST_F(MemoryResponseCacheTest, KeepsNoneThatIsTooLarge) {
  cache_.keep(key_of(1), an_answer(std::string(20'000, 'x')), 1h);
  cache_.keep(key_of(2), an_answer(std::string(20'001, 'x')), 1h);
  EXPECT_NE(body_at(1), "none");
  EXPECT_EQ(body_at(2), "none");
}

TEST_F(MemoryResponseCacheTest, GivesUpNoAnswerThatIsBeingSent) {
  cache_.keep(key_of(1), an_answer("one"), 1h);
  const auto held = cache_.find(key_of(1), 1h).answer;
  for (int i = 2; i < 30; ++i) cache_.keep(key_of(i), an_answer(std::string(10'000, 'x')), 1h);
  EXPECT_EQ(body_at(1), "none");
  EXPECT_EQ(held->body, "one");
}

TEST(MemoryResponseCache, HoldsItsBoundFromManyThreads) {
  const test::FixedClock clock;
  MemoryResponseCache cache({.bytes_max = 1'000'000, .body_bytes_max = 5'000, .default_ttl = 5min}, clock);
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&cache, &wrong, t] {
      for (int i = 0; i < 2'000; ++i) {
        const int number = (i * 7 + t * 31) % 700;
        const auto found = cache.find(key_of(number), 1h);
        if (found.answer && found.answer->message_id != std::to_string(number)) ++wrong;
        auto answer = an_answer(std::string(static_cast<std::size_t>(number) * 7, 'x'));
        answer.message_id = std::to_string(number);
        cache.keep(key_of(number), std::move(answer), 1h);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_LE(cache.figures().bytes, 1'000'000U);
  EXPECT_GT(cache.figures().entries, 100U);
}

}  // namespace memory_response_cache_test
}  // namespace relay
