#include "async/deadline_wheel.h"

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <thread>
#include <vector>

namespace relay {
namespace deadline_wheel_test {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

class Probe final : public Deadline {
 public:
  explicit Probe(DeadlineWheel& wheel) : Deadline(wheel) {}
  void on_expiry() override {
    expired_at.push_back(Steady::now());
    if (then) then();
  }
  std::vector<Steady::time_point> expired_at;
  std::function<void()> then;
};

class DeadlineWheelTest : public testing::Test {
 protected:
  static std::chrono::milliseconds since(Steady::time_point begin, Steady::time_point end) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(end - begin);
  }
  boost::asio::io_context context_{1};
  DeadlineWheel wheel_{context_.get_executor()};
};

TEST_F(DeadlineWheelTest, ExpiresOnceAndNotEarly) {
  Probe probe(wheel_);
  const auto begin = Steady::now();
  probe.set(60ms);
  EXPECT_TRUE(probe.is_set());
  context_.run_for(400ms);
  ASSERT_EQ(probe.expired_at.size(), 1U);
  EXPECT_GE(since(begin, probe.expired_at[0]), 60ms);
  EXPECT_FALSE(probe.is_set());
}

TEST_F(DeadlineWheelTest, EndsTheLoopWhenNothingIsLinked) {
  Probe probe(wheel_);
  probe.set(1ms);
  context_.run();  // would not come back if the wheel ticked on
  EXPECT_EQ(probe.expired_at.size(), 1U);
}

TEST_F(DeadlineWheelTest, CountsTheLastTimeSet) {
  Probe later(wheel_);
  Probe sooner(wheel_);
  const auto begin = Steady::now();
  later.set(30ms);
  later.set(150ms);
  sooner.set(10s);
  sooner.set(20ms);
  context_.run_for(500ms);
  ASSERT_EQ(later.expired_at.size(), 1U);
  EXPECT_GE(since(begin, later.expired_at[0]), 150ms);
  ASSERT_EQ(sooner.expired_at.size(), 1U);
  EXPECT_LT(sooner.expired_at[0], later.expired_at[0]);
}

TEST_F(DeadlineWheelTest, ForgetsWhatIsClearedOrDestroyed) {
  Probe cleared(wheel_);
  cleared.set(20ms);
  cleared.clear();
  {
    Probe destroyed(wheel_);
    destroyed.set(20ms);
  }
  context_.run_for(200ms);
  EXPECT_TRUE(cleared.expired_at.empty());
}

TEST_F(DeadlineWheelTest, MayBeSetAgainFromItsOwnExpiry) {
  Probe probe(wheel_);
  probe.then = [&] {
    if (probe.expired_at.size() < 3) probe.set(10ms);
  };
  probe.set(10ms);
  context_.run();
  EXPECT_EQ(probe.expired_at.size(), 3U);
}

TEST_F(DeadlineWheelTest, MayDestroyItselfAndItsNeighbours) {
  auto first = std::make_unique<Probe>(wheel_);
  auto second = std::make_unique<Probe>(wheel_);
  bool expired = false;
  first->then = second->then = [&] {
    expired = true;
    first.reset();
    second.reset();
  };
  first->set(20ms);
  second->set(20ms);
  context_.run();
  EXPECT_TRUE(expired);
}

// A stopped process, a long turn: what is set behind it counts from the real now.
TEST_F(DeadlineWheelTest, IsNotEarlyAfterTheLoopWasHeldUp) {
  Probe keeps_ticking(wheel_);
  Probe probe(wheel_);
  keeps_ticking.set(5s);
  Steady::time_point begin;
  boost::asio::post(context_, [&] {
    std::this_thread::sleep_for(300ms);
    begin = Steady::now();
    probe.set(200ms);
  });
  probe.then = [&] { context_.stop(); };
  context_.run_for(2s);
  ASSERT_EQ(probe.expired_at.size(), 1U);
  EXPECT_GE(since(begin, probe.expired_at[0]), 200ms);
}

TEST_F(DeadlineWheelTest, HoldsDeadlinesBeyondItsOwnRound) {
  Probe far(wheel_);
  far.set(24h);
  context_.run_for(60ms);
  EXPECT_TRUE(far.is_set());
  EXPECT_TRUE(far.expired_at.empty());
}

}  // namespace deadline_wheel_test
}  // namespace relay
