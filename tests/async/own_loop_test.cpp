#include "async/own_loop.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace relay {
namespace own_loop_test {

Task<int> double_of(int number) { co_return number * 2; }
Task<> failing() { co_return Error(ErrorKind::unavailable, "store_unavailable", "away"); }
Task<> throwing() {
  throw std::runtime_error("broken");
  co_return ok;
}
Awaitable<void> count(int& done) {
  ++done;
  co_return;
}

TEST(OwnLoop, WaitsForOneCallAfterAnother) {
  OwnLoop loop;
  EXPECT_EQ(loop.wait_for(double_of(1)).value(), 2);
  EXPECT_EQ(loop.wait_for(failing()).error().code(), "store_unavailable");
  EXPECT_EQ(loop.wait_for(double_of(2)).value(), 4);
}

TEST(OwnLoop, ACallThatThrowsIsAnErrorAndTheNextOneRuns) {
  OwnLoop loop;
  const auto failed = loop.wait_for(throwing());
  ASSERT_TRUE(failed.has_error());
  EXPECT_EQ(failed.error().code(), "work_failed");
  EXPECT_EQ(failed.error().cause(), "broken");
  EXPECT_EQ(loop.wait_for(double_of(3)).value(), 6);
}

TEST(OwnLoop, RunsAllThatWasBegun) {
  OwnLoop loop;
  int done = 0;
  for (int i = 0; i < 3; ++i) loop.begin(count(done));
  EXPECT_EQ(done, 0);
  loop.finish();
  EXPECT_EQ(done, 3);
}

}  // namespace own_loop_test
}  // namespace relay
