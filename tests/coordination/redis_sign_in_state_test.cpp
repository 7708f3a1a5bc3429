#include "coordination/sign_in_state.h"

#include <atomic>
#include <thread>

namespace relay {
namespace redis_sign_in_state_test {

using namespace std::chrono_literals;
using test::await;

TEST(RedisSignInState, EverythingEndsByItself) {
  test::RedisSignInState state;
  ASSERT_TRUE(await(state.nonces().put("n", 5min)).has_value());
  ASSERT_TRUE(await(state.tickets().put("t", "value", 10min)).has_value());
  const ThrottleRule rule{.attempts = 3, .window = 1min, .longest = 5min};
  ASSERT_TRUE(await(state.throttle().attempt("a", rule)).has_value());
  const auto keys = state.keys();
  ASSERT_EQ(keys.size(), 3U);
  for (const auto& key : keys) {
    EXPECT_GT(state.left_of(key), 0) << key;
    EXPECT_LE(state.left_of(key), std::chrono::milliseconds(10min).count()) << key;
  }
}

TEST(RedisSignInState, ALifetimePassesByTheServersClock) {
  test::RedisSignInState state;
  ASSERT_TRUE(await(state.nonces().put("n", 30ms)).has_value());
  ASSERT_TRUE(await(state.tickets().put("t", "value", 30ms)).has_value());
  std::this_thread::sleep_for(40ms);
  EXPECT_EQ(await(state.nonces().take("n")).error().code(), "nonce_unknown");
  EXPECT_EQ(await(state.tickets().find("t")).error().code(), "ticket_unknown");
  EXPECT_EQ(await(state.tickets().take("t")).error().code(), "ticket_unknown");
}

TEST(RedisSignInState, ATicketHasAnyBytes) {
  test::RedisSignInState state;
  const std::string bytes("\0{}\r\n\xFF '\"", 9);
  ASSERT_TRUE(await(state.tickets().put("{t}", bytes, 1min)).has_value());
  EXPECT_EQ(await(state.tickets().find("{t}")).value(), bytes);
  EXPECT_EQ(await(state.tickets().take("{t}")).value(), bytes);
}

TEST(RedisSignInState, OfManyAttemptsAtOnceAsManyPassAsTheRuleSays) {
  test::RedisSignInState state;
  const ThrottleRule rule{.attempts = 10, .window = 1min};
  std::atomic<int> passed{0};
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&] {
        for (int i = 0; i < 25; ++i) passed += await(state.throttle().attempt("a", rule)).has_value() ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(passed, 10);
}

TEST(RedisSignInState, IsUnavailableWithoutRedis) {
  RedisSettings nowhere;
  nowhere.port = test::free_port();
  RedisClient client(nowhere);
  RedisNonceStore nonces(client, "x");
  RedisTicketStore tickets(client, "x");
  RedisThrottle throttle(client, "x");
  EXPECT_EQ(await(nonces.put("n", 1min)).error().kind(), ErrorKind::unavailable);
  EXPECT_EQ(await(nonces.take("n")).error().kind(), ErrorKind::unavailable);
  EXPECT_EQ(await(tickets.put("t", "v", 1min)).error().kind(), ErrorKind::unavailable);
  EXPECT_EQ(await(tickets.find("t")).error().kind(), ErrorKind::unavailable);
  EXPECT_EQ(await(tickets.take("t")).error().kind(), ErrorKind::unavailable);
  EXPECT_EQ(await(throttle.attempt("a", ThrottleRule{})).error().kind(), ErrorKind::unavailable);
  EXPECT_EQ(await(throttle.peek("a", ThrottleRule{})).error().kind(), ErrorKind::unavailable);
  EXPECT_EQ(await(throttle.forget("a")).error().kind(), ErrorKind::unavailable);
}

}  // namespace redis_sign_in_state_test
}  // namespace relay
