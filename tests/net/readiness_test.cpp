// Compiled twice: relay_tests has the reactor's own operations, relay_portable_tests async_wait.
#include "net/readiness.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>

namespace relay {
namespace readiness_test {

using namespace std::chrono_literals;

class Sink final : public ReadinessEvents {
 public:
  void on_readable() override {
    ++readable;
    if (then) then();
  }
  void on_writable() override { ++writable; }
  void on_abandoned() override {
    ++abandoned;
    if (then_abandoned) then_abandoned();
  }
  int readable = 0;
  int writable = 0;
  int abandoned = 0;
  std::function<void()> then;
  std::function<void()> then_abandoned;
};

class ReadinessTest : public testing::Test {
 protected:
  ReadinessTest() {
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair_), 0);
  }
  ~ReadinessTest() override {
    for (const int descriptor : pair_) {
      if (descriptor >= 0) ::close(descriptor);
    }
  }
  void say(std::string_view text) {
    EXPECT_EQ(::write(pair_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  std::string hear() {
    char room[100];
    const auto got = ::read(pair_[0], room, sizeof room);
    return got > 0 ? std::string(room, static_cast<std::size_t>(got)) : "";
  }
  // The first event may come for nothing: nobody knows what the descriptor holds.
  void turn() {
    context_.restart();
    context_.run_for(30ms);
  }

  int pair_[2] = {-1, -1};
  std::unique_ptr<boost::asio::io_context> owned_ = std::make_unique<boost::asio::io_context>(1);
  boost::asio::io_context& context_ = *owned_;
  Sink sink_;
};

TEST_F(ReadinessTest, TellsOfEachArrivalOnce) {
  Readiness readiness(context_, pair_[0], sink_);
  readiness.arm_read();
  turn();
  hear();
  readiness.arm_read();
  turn();
  sink_.readable = 0;
  readiness.arm_read();

  say("one");
  turn();
  EXPECT_EQ(sink_.readable, 1);
  EXPECT_EQ(hear(), "one");
  readiness.arm_read();
  turn();
  EXPECT_EQ(sink_.readable, 1) << "nothing new has come";
  say("two");
  turn();
  EXPECT_EQ(sink_.readable, 2);
}

TEST_F(ReadinessTest, RemembersAnEdgeThatCameBeforeItWasAskedFor) {
  Readiness readiness(context_, pair_[0], sink_);
  readiness.arm_read();
  turn();
  sink_.readable = 0;
  say("early");
  turn();
  if (sink_.readable == 0) {
    readiness.arm_read();
    turn();
  }
  EXPECT_EQ(sink_.readable, 1);
}

TEST_F(ReadinessTest, TellsOfTheOtherSidesEnd) {
  Readiness readiness(context_, pair_[0], sink_);
  readiness.arm_read();
  turn();
  sink_.readable = 0;
  readiness.arm_read();
  turn();
  ::close(std::exchange(pair_[1], -1));
  turn();
  EXPECT_EQ(sink_.readable, 1);
}

TEST_F(ReadinessTest, TellsWhenThereIsRoomAgain) {
  Readiness readiness(context_, pair_[0], sink_);
  const std::string block(64 * 1024, 'x');
  while (::write(pair_[0], block.data(), block.size()) > 0) {
  }
  readiness.arm_write();
  turn();
  sink_.writable = 0;
  readiness.arm_write();
  turn();
  EXPECT_EQ(sink_.writable, 0) << "it is full";
  char room[64 * 1024];
  while (::read(pair_[1], room, sizeof room) > 0) {
  }
  turn();
  EXPECT_EQ(sink_.writable, 1);
}

TEST_F(ReadinessTest, SaysNothingAfterRelease) {
  Readiness readiness(context_, pair_[0], sink_);
  readiness.arm_read();
  readiness.arm_write();
  readiness.release();
  ::close(std::exchange(pair_[0], -1));
  turn();
  EXPECT_EQ(sink_.readable + sink_.writable, 0);
  readiness.release();
}

TEST_F(ReadinessTest, MayBeDestroyedByTheEventItTells) {
  auto readiness = std::make_unique<Readiness>(context_, pair_[0], sink_);
  sink_.then = [&] { readiness.reset(); };
  readiness->arm_read();
  readiness->arm_write();
  say("x");
  turn();
  EXPECT_EQ(sink_.readable, 1);
}

TEST_F(ReadinessTest, LetsGoWhenTheLoopIsDestroyed) {
  auto readiness = std::make_unique<Readiness>(context_, pair_[0], sink_);
  readiness->arm_read();
  turn();
  readiness->arm_read();
  turn();
  const int before = sink_.readable;
  readiness->arm_read();
  readiness->arm_write();
  sink_.then_abandoned = [&] { readiness.reset(); };
  owned_.reset();
  EXPECT_EQ(sink_.readable, before);
  EXPECT_EQ(sink_.abandoned, 1) << "released by the first";
}

}  // namespace readiness_test
}  // namespace relay
