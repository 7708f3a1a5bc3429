#include "coordination/sign_in_state.h"

namespace relay {
namespace throttle_test {

using namespace std::chrono_literals;
using test::await;

constexpr ThrottleRule kThreeAMinute{.attempts = 3, .window = 1min};

class ThrottleContract : public test::SignInStateContract {
 protected:
  Throttle& throttle_ = state_->throttle();
};
INSTANTIATE_SIGN_IN_STATES(ThrottleContract);

TEST_P(ThrottleContract, CountsToItsLimitAndSaysWhenItEnds) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(await(throttle_.attempt("a", kThreeAMinute)).has_value());
  state_->pass_time(20s);
  const auto refused = await(throttle_.attempt("a", kThreeAMinute));
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().kind(), ErrorKind::too_many_requests);
  EXPECT_EQ(refused.error().retry_after(), 40s);
}

TEST_P(ThrottleContract, StartsAnewAfterTheWindow) {
  for (int i = 0; i < 4; ++i) (void)await(throttle_.attempt("a", kThreeAMinute));
  state_->pass_time(1min);
  EXPECT_TRUE(await(throttle_.attempt("a", kThreeAMinute)).has_value());
}

TEST_P(ThrottleContract, KeepsNamesApart) {
  for (int i = 0; i < 4; ++i) (void)await(throttle_.attempt("a", kThreeAMinute));
  EXPECT_TRUE(await(throttle_.attempt("b", kThreeAMinute)).has_value());
}

TEST_P(ThrottleContract, LooksWithoutCounting) {
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(await(throttle_.peek("a", kThreeAMinute)).has_value());
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(await(throttle_.attempt("a", kThreeAMinute)).has_value());
  EXPECT_TRUE(await(throttle_.peek("a", kThreeAMinute)).has_error());
}

// Who goes on trying waits longer and longer, up to the longest; who stops is believed again.
TEST_P(ThrottleContract, DoublesTheWaitOfWhoFillsEveryWindow) {
  constexpr ThrottleRule kGrowing{.attempts = 3, .window = 1min, .longest = 5min};
  const auto fill_and_wait = [&] {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(await(throttle_.attempt("a", kGrowing)).has_value());
    const auto refused = await(throttle_.attempt("a", kGrowing));
    const auto wait = refused.error().retry_after().value();
    state_->pass_time(wait);
    return wait;
  };
  EXPECT_EQ(fill_and_wait(), 1min);
  EXPECT_EQ(fill_and_wait(), 2min);
  EXPECT_EQ(fill_and_wait(), 4min);
  EXPECT_EQ(fill_and_wait(), 5min);
  EXPECT_EQ(fill_and_wait(), 5min);
  EXPECT_TRUE(await(throttle_.attempt("a", kGrowing)).has_value());  // a window that stays open
  state_->pass_time(5min);
  EXPECT_EQ(fill_and_wait(), 4min);
  state_->pass_time(5min);
  EXPECT_EQ(fill_and_wait(), 1min);
}

TEST_P(ThrottleContract, ForgetsWhenAsked) {
  for (int i = 0; i < 4; ++i) (void)await(throttle_.attempt("a", kThreeAMinute));
  ASSERT_TRUE(await(throttle_.forget("a")).has_value());
  EXPECT_TRUE(await(throttle_.attempt("a", kThreeAMinute)).has_value());
}

}  // namespace throttle_test
}  // namespace relay
