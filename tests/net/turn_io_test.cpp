#include "net/turn_io.h"

#include "fakes/blocking_socket.h"
#include "net/worker.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fcntl.h>
#include <gtest/gtest.h>

#include <vector>

namespace relay {
namespace turn_io_test {

using test::BlockingSocket;
using ReadStatus = ReadOutcome::Status;
using WriteStatus = WriteOutcome::Status;

/// With io_uring, where the kernel has it, and without.
class TurnIoTest : public testing::TestWithParam<bool> {
 protected:
  // More than one submission takes.
  static constexpr int kMany = 150;

  struct Pair {
    std::unique_ptr<Stream> stream;
    std::unique_ptr<BlockingSocket> peer;
  };
  struct Seen {
    std::string bytes;
    ReadStatus status = ReadStatus::would_block;
    int reads = 0;
  };

  Pair make() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return {std::make_unique<Stream>(worker_.context(), worker_.wheel(), ends[0], &turn_),
            std::make_unique<BlockingSocket>(ends[1])};
  }
  void make_many() {
    for (int i = 0; i < kMany; ++i) pairs_.push_back(make());
  }
  void spawn(Awaitable<void> work) {
    boost::asio::co_spawn(worker_.executor(), std::move(work), boost::asio::detached);
  }
  // All that is ready, over and over, until nothing is; the loop never blocks.
  void run() {
    while (worker_.context().poll() > 0) worker_.context().restart();
    worker_.context().restart();
  }

  // Reads into `room` bytes at a time, until the end or `enough`.
  static Awaitable<void> read(Stream& stream, Seen& seen, std::size_t room, std::size_t enough) {
    std::string out(room, '\0');
    while (seen.bytes.size() < enough) {
      const auto outcome = stream.try_read(out);
      seen.status = outcome.status;
      ++seen.reads;
      if (outcome.status == ReadStatus::data) {
        seen.bytes.append(out, 0, outcome.bytes);
        continue;
      }
      if (outcome.status != ReadStatus::would_block) co_return;
      const bool open = co_await stream.readable();
      if (!open) co_return;
    }
  }
  static Awaitable<void> close_others(TurnIoTest& test, std::size_t self) {
    const bool open = co_await test.pairs_[self].stream->readable();
    if (!open) co_return;
    for (std::size_t i = 0; i < test.pairs_.size(); ++i) {
      if (i != self) test.pairs_[i].stream->close();
    }
  }
  static Awaitable<void> write(TurnIo& turn, Stream& stream, std::string_view first, std::string_view second,
                               WriteOutcome& outcome) {
    const iovec head{const_cast<char*>(first.data()), first.size()};
    const iovec body{const_cast<char*>(second.data()), second.size()};
    static_cast<void>(co_await turn.write(stream, head, body, outcome));
  }

  Worker worker_{0};
  TurnIo turn_{worker_.executor(), GetParam()};
  std::vector<Pair> pairs_;
};

TEST_P(TurnIoTest, ReadsManyInOneTurnEachItsOwn) {
  make_many();
  std::vector<Seen> seen(kMany);
  for (std::size_t i = 0; i < kMany; ++i) spawn(read(*pairs_[i].stream, seen[i], 4096, 1));
  run();
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < kMany; ++i) pairs_[i].peer->send("number " + std::to_string(i));
    run();
    for (std::size_t i = 0; i < kMany; ++i) {
      EXPECT_EQ(seen[i].bytes, "number " + std::to_string(i));
      seen[i] = {};
      spawn(read(*pairs_[i].stream, seen[i], 4096, 1));
    }
    run();
  }
}

TEST_P(TurnIoTest, KeepsForTheNextReadWhatOneDidNotTake) {
  make_many();
  std::vector<Seen> seen(kMany);
  for (std::size_t i = 0; i < kMany; ++i) spawn(read(*pairs_[i].stream, seen[i], 3, 3));
  run();
  for (auto& pair : pairs_) pair.peer->send("onetwothree");
  run();
  for (std::size_t i = 0; i < kMany; ++i) {
    EXPECT_EQ(seen[i].bytes, "one");
    EXPECT_TRUE(pairs_[i].stream->has_input());
    EXPECT_TRUE(pairs_[i].stream->may_be_readable());
  }
  for (auto& pair : pairs_) pair.peer->send("four");
  for (std::size_t i = 0; i < kMany; ++i) spawn(read(*pairs_[i].stream, seen[i], 4, 15));
  run();
  for (const auto& one : seen) EXPECT_EQ(one.bytes, "onetwothreefour");
}

TEST_P(TurnIoTest, ReadsMoreThanItsRoom) {
  make_many();
  const std::string large(40'000, 'L');
  std::vector<Seen> seen(kMany);
  for (std::size_t i = 0; i < kMany; ++i) spawn(read(*pairs_[i].stream, seen[i], 64 * 1024, large.size()));
  run();
  for (auto& pair : pairs_) pair.peer->send(large);
  run();
  for (const auto& one : seen) EXPECT_EQ(one.bytes.size(), large.size());
}

TEST_P(TurnIoTest, TellsTheEndOfEach) {
  make_many();
  std::vector<Seen> seen(kMany);
  for (std::size_t i = 0; i < kMany; ++i) spawn(read(*pairs_[i].stream, seen[i], 4096, 1));
  run();
  for (auto& pair : pairs_) pair.peer->close();
  run();
  for (const auto& one : seen) EXPECT_EQ(one.status, ReadStatus::end);
}

// The first to be resumed closes all others: none of them may be touched behind that.
TEST_P(TurnIoTest, ForgetsWhoIsClosedMeanwhile) {
  make_many();
  for (std::size_t i = 0; i < kMany; ++i) spawn(close_others(*this, i));
  run();
  for (auto& pair : pairs_) pair.peer->send("x");
  run();
  int open = 0;
  for (const auto& pair : pairs_) open += pair.stream->is_open() ? 1 : 0;
  EXPECT_EQ(open, 1);
  pairs_.clear();
  run();
}

TEST_P(TurnIoTest, WritesManyAtTheEndOfTheTurn) {
  make_many();
  std::vector<WriteOutcome> outcomes(kMany);
  std::vector<std::string> heads(kMany);
  for (std::size_t i = 0; i < kMany; ++i) {
    heads[i] = "head " + std::to_string(i) + " ";
    spawn(write(turn_, *pairs_[i].stream, heads[i], "body", outcomes[i]));
  }
  run();
  for (std::size_t i = 0; i < kMany; ++i) {
    EXPECT_EQ(outcomes[i].status, WriteStatus::done);
    EXPECT_EQ(pairs_[i].peer->receive(), heads[i] + "body");
  }
}

TEST_P(TurnIoTest, SaysWhatWasNotTakenAndWhoIsGone) {
  for (int i = 0; i < 3; ++i) pairs_.push_back(make());
  const std::string large(4'000'000, 'L');
  std::vector<WriteOutcome> outcomes(3);
  pairs_[1].peer->close();
  pairs_[2].stream->close();
  for (std::size_t i = 0; i < 3; ++i) spawn(write(turn_, *pairs_[i].stream, "head", large, outcomes[i]));
  run();
  EXPECT_EQ(outcomes[0].status, WriteStatus::partial);
  EXPECT_GT(outcomes[0].bytes, 4U);
  EXPECT_LT(outcomes[0].bytes, large.size());
  EXPECT_EQ(outcomes[1].status, WriteStatus::failed);
  EXPECT_EQ(outcomes[2].status, WriteStatus::failed);
  EXPECT_EQ(pairs_[0].peer->receive_exactly(outcomes[0].bytes).substr(0, 5), "headL");
}

INSTANTIATE_TEST_SUITE_P(Ways, TurnIoTest, testing::Bool(),
                         [](const auto& way) { return way.param ? "gathered" : "one_by_one"; });

}  // namespace turn_io_test
}  // namespace relay
