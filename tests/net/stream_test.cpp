#include "net/stream.h"

#include "fakes/await.h"
#include "fakes/blocking_socket.h"
#include "fakes/test_certificate.h"
#include "net/tls.h"
#include "store/temporary_folder.h"

#include <boost/asio/detached.hpp>
#include <fcntl.h>
#include <gtest/gtest.h>

#include <thread>

namespace relay {
namespace stream_test {

using namespace std::chrono_literals;
using ReadStatus = ReadOutcome::Status;
using WriteStatus = WriteOutcome::Status;
using Steady = std::chrono::steady_clock;

void make_non_blocking(int descriptor) {
  ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}

Awaitable<std::string> read_to_end(Stream& stream, std::size_t room_bytes, ReadStatus& last) {
  std::string text;
  std::string room(room_bytes, '\0');
  while (true) {
    const auto outcome = stream.try_read(room);
    last = outcome.status;
    text.append(room, 0, outcome.bytes);
    if (outcome.status == ReadStatus::data) continue;
    if (outcome.status != ReadStatus::would_block) co_return text;
    const bool open = co_await stream.readable();
    if (!open) co_return text;
  }
}

class StreamTest : public testing::Test {
 protected:
  void connect(int send_buffer = 0) {
    peer_.emplace(BlockingSocket::to_port(listener_.port(), send_buffer > 0 ? 4096 : 0));
    const int accepted = listener_.accept_within(1s);
    if (send_buffer > 0) ::setsockopt(accepted, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
    make_non_blocking(accepted);
    stream_.emplace(context_, wheel_, accepted);
  }
  template <class T>
  T run(Awaitable<T> work) {
    std::optional<T> outcome;
    boost::asio::co_spawn(context_.get_executor(), test::keep_outcome(std::move(work), outcome),
                          test::rethrow);
    context_.restart();
    while (!outcome && context_.run_one_for(10s) > 0) {
    }
    return std::move(outcome).value();
  }
  void turn(std::chrono::milliseconds time = 60ms) {
    context_.restart();
    context_.run_for(time);
  }
  using BlockingSocket = test::BlockingSocket;

  boost::asio::io_context context_{1};
  DeadlineWheel wheel_{context_.get_executor()};
  test::LoopbackListener listener_;
  std::optional<BlockingSocket> peer_;
  std::optional<Stream> stream_;
};

TEST_F(StreamTest, ReadsInPiecesAndSeesTheEnd) {
  connect();
  std::thread speaker([this] {
    peer_->send("one ");
    std::this_thread::sleep_for(20ms);
    peer_->send("two ");
    std::this_thread::sleep_for(20ms);
    peer_->send("three");
    std::this_thread::sleep_for(20ms);
    peer_->close();
  });
  ReadStatus last{};
  EXPECT_EQ(run(read_to_end(*stream_, 3, last)), "one two three");
  EXPECT_EQ(last, ReadStatus::end);
  speaker.join();
}

TEST_F(StreamTest, SeesAnEndThatCameInOneEdgeWithTheLastBytes) {
  connect();
  turn();  // registered, the first edge used up
  char room[100];
  EXPECT_EQ(stream_->try_read(room).status, ReadStatus::would_block);
  peer_->send("last words");
  peer_->close();
  ReadStatus last{};
  const auto begin = Steady::now();
  EXPECT_EQ(run(read_to_end(*stream_, 1000, last)), "last words");
  EXPECT_EQ(last, ReadStatus::end);
  EXPECT_LT(Steady::now() - begin, 2s);
}

TEST_F(StreamTest, TellsAResetFromAnEnd) {
  connect();
  peer_->reset();
  ReadStatus last{};
  EXPECT_EQ(run(read_to_end(*stream_, 100, last)), "");
  EXPECT_EQ(last, ReadStatus::failed);
}

class WatchTest : public StreamTest {
 protected:
  std::chrono::milliseconds time_until_told() {
    const auto begin = Steady::now();
    context_.restart();
    while (!told_ && context_.run_one_for(1s) > 0) {
    }
    EXPECT_TRUE(told_);
    return std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - begin);
  }
  void watch() {
    stream_->watch([this] { told_ = true; });
  }
  bool told_ = false;
};

TEST_F(WatchTest, TellsOfAnEndWithin100Ms) {
  connect();
  watch();
  turn();
  EXPECT_FALSE(told_);
  peer_->close();
  EXPECT_LT(time_until_told(), 100ms);
}

TEST_F(WatchTest, TellsOfAnEndThatCameWithTheLastBytes) {
  connect();
  turn();
  char room[100];
  EXPECT_EQ(stream_->try_read(room).status, ReadStatus::would_block);
  turn();
  EXPECT_EQ(stream_->try_read(room).status, ReadStatus::would_block);
  peer_->send("the request");
  peer_->close();
  turn(5ms);
  EXPECT_EQ(stream_->try_read(room).bytes, 11U);
  watch();
  EXPECT_LT(time_until_told(), 100ms);
}

TEST_F(WatchTest, TellsOfAReset) {
  connect();
  watch();
  turn();
  peer_->reset();
  EXPECT_LT(time_until_told(), 100ms);
}

TEST_F(WatchTest, LeavesBytesThatComeMeanwhileWhereTheyAre) {
  connect();
  watch();
  turn();
  peer_->send("pipelined");
  turn();
  EXPECT_FALSE(told_);
  stream_->unwatch();
  char room[100];
  const auto outcome = stream_->try_read(room);
  EXPECT_EQ(std::string_view(room, outcome.bytes), "pipelined");
}

TEST_F(WatchTest, TellsThoughBytesWaitThatNobodyReads) {
  connect();
  watch();
  turn();
  peer_->send("pipelined");
  turn();
  peer_->close();
  EXPECT_LT(time_until_told(), 100ms);
}

TEST_F(WatchTest, SaysNothingWhenUnwatchedOrClosed) {
  connect();
  watch();
  stream_->unwatch();
  peer_->close();
  turn(120ms);
  EXPECT_FALSE(told_);
  watch();
  EXPECT_TRUE(told_) << "an end that is there is told at once";
}

TEST_F(WatchTest, HangingUpTellsAndCloses) {
  connect();
  watch();
  stream_->hang_up();
  EXPECT_TRUE(told_);
  EXPECT_FALSE(stream_->is_open());
  EXPECT_TRUE(peer_->closes_within(1s));
}

TEST_F(StreamTest, ClosingWakesWhoWaits) {
  connect();
  boost::asio::post(context_, [] {});
  std::optional<bool> outcome;
  boost::asio::co_spawn(context_.get_executor(), test::keep_outcome(stream_->readable(), outcome),
                        test::rethrow);
  turn(20ms);
  char room[10];
  if (outcome) {  // the first edge comes for nothing
    outcome.reset();
    EXPECT_EQ(stream_->try_read(room).status, ReadStatus::would_block);
    boost::asio::co_spawn(context_.get_executor(), test::keep_outcome(stream_->readable(), outcome),
                          test::rethrow);
    turn(20ms);
    if (outcome) {
      outcome.reset();
      EXPECT_EQ(stream_->try_read(room).status, ReadStatus::would_block);
      boost::asio::co_spawn(context_.get_executor(), test::keep_outcome(stream_->readable(), outcome),
                            test::rethrow);
      turn(20ms);
    }
  }
  ASSERT_FALSE(outcome.has_value());
  stream_->close();
  turn(20ms);
  EXPECT_EQ(outcome, false);
  EXPECT_FALSE(stream_->timed_out());
}

TEST_F(StreamTest, ADeadlineClosesAndSaysSo) {
  connect();
  stream_->close_in(30ms);
  ReadStatus last{};
  EXPECT_EQ(run(read_to_end(*stream_, 10, last)), "");
  EXPECT_TRUE(stream_->timed_out());
  EXPECT_FALSE(stream_->is_open());
  EXPECT_TRUE(peer_->closes_within(1s));
}

TEST_F(StreamTest, WritesAllToASlowReader) {
  connect(8192);
  const std::string bytes(2'000'000, 'b');
  std::string got;
  std::thread reader([&] {
    std::this_thread::sleep_for(50ms);
    got = peer_->receive_exactly(bytes.size());
  });
  EXPECT_TRUE(run(stream_->write_all(bytes, 5s)));
  reader.join();
  EXPECT_EQ(got, bytes);
}

TEST_F(StreamTest, OneWaitsToReadWhileAnotherWaitsToWrite) {
  connect(8192);
  const std::string bytes(2'000'000, 'b');
  std::optional<bool> written;
  boost::asio::co_spawn(context_.get_executor(), test::keep_outcome(stream_->write_all(bytes, 5s), written),
                        test::rethrow);
  turn();
  std::string room(10, '\0');
  EXPECT_EQ(stream_->try_read(room).status, ReadStatus::would_block);
  peer_->send("x");
  EXPECT_TRUE(run(stream_->readable_or_left()));
  EXPECT_FALSE(written) << "still waits";
  std::thread reader([&] { EXPECT_EQ(peer_->receive_exactly(bytes.size()), bytes); });
  for (int i = 0; i < 200 && !written; ++i) turn(20ms);
  EXPECT_EQ(written, true);
  reader.join();
}

TEST_F(StreamTest, GivesUpOnAReaderThatTakesNothing) {
  connect(8192);
  const std::string bytes(8'000'000, 'b');
  EXPECT_FALSE(run(stream_->write_all(bytes, 50ms)));
  EXPECT_TRUE(stream_->timed_out());
}

TEST_F(StreamTest, AResetIsNoEnd) {
  connect();
  stream_->reset();
  EXPECT_TRUE(peer_->closes_within(1s));
  EXPECT_TRUE(peer_->was_reset());
}

TEST_F(StreamTest, KnowsAStaleConnection) {
  connect();
  EXPECT_FALSE(stream_->is_stale());
  peer_->close();
  turn();
  EXPECT_TRUE(stream_->is_stale());
}

// TLS against itself.
class TlsStreamTest : public testing::Test {
 protected:
  TlsStreamTest() {
    test::write_certificate(folder_.file("cert.pem"), folder_.file("key.pem"), "DNS:localhost");
    authority_.emplace(folder_.file("cert.pem"));
    ours_.emplace(folder_.file("cert.pem"), folder_.file("key.pem"));
    auto dialled = test::BlockingSocket::to_port(listener_.port());
    const int accepted = listener_.accept_within(1s);
    const int dialled_copy = ::dup(dialled.descriptor());
    make_non_blocking(accepted);
    make_non_blocking(dialled_copy);
    dialled.close();
    server_.emplace(context_, wheel_, accepted);
    client_.emplace(context_, wheel_, dialled_copy);
  }
  void shake_hands(const std::string& host) {
    server_->use_tls(ours_->make_session(server_->descriptor()));
    client_->use_tls(authority_->make_session(client_->descriptor(), host));
    boost::asio::co_spawn(context_.get_executor(), test::keep_outcome(server_->handshake(), server_shook_),
                          test::rethrow);
    boost::asio::co_spawn(context_.get_executor(), test::keep_outcome(client_->handshake(), client_shook_),
                          test::rethrow);
    turn();
  }
  void turn(std::chrono::milliseconds time = 200ms) {
    context_.restart();
    context_.run_for(time);
  }

  test::TemporaryFolder folder_;
  std::optional<TlsClient> authority_;
  std::optional<TlsServer> ours_;
  boost::asio::io_context context_{1};
  DeadlineWheel wheel_{context_.get_executor()};
  test::LoopbackListener listener_;
  std::optional<Stream> server_;
  std::optional<Stream> client_;
  std::optional<bool> server_shook_;
  std::optional<bool> client_shook_;
  ReadStatus last_{};
};

TEST_F(TlsStreamTest, PassesBytesBothWays) {
  shake_hands("localhost");
  ASSERT_EQ(server_shook_, true);
  ASSERT_EQ(client_shook_, true) << client_->tls_failure();
  const std::string bytes(1'000'000, 't');
  std::optional<bool> sent;
  std::optional<std::string> got;
  boost::asio::co_spawn(context_.get_executor(), test::keep_outcome(client_->write_all(bytes, 5s), sent),
                        test::rethrow);
  boost::asio::co_spawn(context_.get_executor(), test::keep_outcome(read_to_end(*server_, 5000, last_), got),
                        test::rethrow);
  while (!sent) turn(20ms);
  EXPECT_EQ(sent, true);
  client_->close();
  for (int i = 0; i < 100 && !got; ++i) turn(20ms);
  EXPECT_EQ(got, bytes);
  EXPECT_EQ(last_, ReadStatus::end) << "close_notify came";
}

TEST_F(TlsStreamTest, RefusesACertificateForAnotherName) {
  shake_hands("elsewhere.example");
  EXPECT_EQ(client_shook_, false);
  EXPECT_NE(client_->tls_failure().find("ostname"), std::string::npos) << client_->tls_failure();
}

TEST_F(TlsStreamTest, AResetIsNoCloseNotify) {
  shake_hands("localhost");
  ASSERT_EQ(client_shook_, true);
  std::optional<std::string> got;
  boost::asio::co_spawn(context_.get_executor(), test::keep_outcome(read_to_end(*client_, 100, last_), got),
                        test::rethrow);
  turn(50ms);
  server_->reset();
  turn(50ms);
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(last_, ReadStatus::failed) << "a cut answer must not look whole";
}

TEST_F(TlsStreamTest, SaysItHasSentAllAndReadsOn) {
  shake_hands("localhost");
  ASSERT_EQ(client_shook_, true);
  server_->shut_sending();
  std::optional<std::string> got;
  boost::asio::co_spawn(context_.get_executor(), test::keep_outcome(read_to_end(*client_, 100, last_), got),
                        test::rethrow);
  turn(50ms);
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(last_, ReadStatus::end);
}

// OpenSSL writes with write(2): without care a peer that is gone would end the process with SIGPIPE.
TEST_F(TlsStreamTest, SurvivesWritingToAPeerThatIsGone) {
  shake_hands("localhost");
  ASSERT_EQ(client_shook_, true);
  client_->reset();
  turn(50ms);
  const std::string bytes(100'000, 't');
  const iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  EXPECT_EQ(server_->try_write({&part, 1}).status, WriteStatus::failed);
  EXPECT_EQ(server_->try_write({&part, 1}).status, WriteStatus::failed);
  server_->close();
}

TEST_F(TlsStreamTest, TellsOfAnEndWhileWatched) {
  shake_hands("localhost");
  ASSERT_EQ(client_shook_, true);
  bool told = false;
  server_->watch([&] { told = true; });
  turn(50ms);
  EXPECT_FALSE(told) << "session tickets are no sign of death";
  client_->close();
  turn(90ms);
  EXPECT_TRUE(told);
}

TEST_F(TlsStreamTest, AHandshakeThatNeverComesIsEndedByItsDeadline) {
  client_->use_tls(authority_->make_session(client_->descriptor(), "localhost"));
  client_->close_in(40ms);
  boost::asio::co_spawn(context_.get_executor(), test::keep_outcome(client_->handshake(), client_shook_),
                        test::rethrow);
  turn(300ms);
  EXPECT_EQ(client_shook_, false);
  EXPECT_TRUE(client_->timed_out());
}

}  // namespace stream_test
}  // namespace relay
