#include "net/http_server_under_test.h"

#include <fcntl.h>
#include <sys/resource.h>

#include <ctime>

namespace relay {
namespace http_server_handover_test {

using namespace std::chrono_literals;

class HttpServerHandover : public test::HttpServerUnderTest {
 protected:
  static int listener_of(const test::LoopbackListener& listener) {
    const int copy = ::fcntl(listener.descriptor(), F_DUPFD_CLOEXEC, 0);
    ::fcntl(copy, F_SETFL, ::fcntl(copy, F_GETFL) | O_NONBLOCK);
    return copy;
  }
  void start_with(std::vector<int> listeners) {
    HttpServer::Parts parts{.worker = running_.worker,
                            .serve = [this](ServerExchange& client) { return serve(client); },
                            .limits = limits_,
                            .listeners = std::move(listeners)};
    server_.emplace(std::move(parts), ListenAddress{.host = "127.0.0.1", .port = 1});
    port_ = server_->port();
    server_->start();
    running_.start();
  }
};

constexpr const char* kGet = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";

TEST_F(HttpServerHandover, ServesSocketsThatItWasGiven) {
  const test::LoopbackListener first;
  const test::LoopbackListener second;
  auto early = test::BlockingSocket::to_port(second.port());  // waits in its queue
  early.send(kGet);
  start_with({listener_of(first), listener_of(second)});
  EXPECT_EQ(port_, first.port());
  EXPECT_NE(early.receive_message().find("200 OK"), std::string::npos);
  auto other = dial();
  other.send(kGet);
  EXPECT_NE(other.receive_message().find("200 OK"), std::string::npos);
}

TEST_F(HttpServerHandover, LeavesASharedSocketToTheOthersWhenItDrains) {
  const test::LoopbackListener shared;
  start_with({listener_of(shared)});
  running_.on_thread([this] { server_->drain(DrainFor::successor); });
  auto late = dial();
  late.send(kGet);
  EXPECT_TRUE(late.receive(150ms).empty()) << "nobody accepts it here any more";
  EXPECT_GE(shared.accept_within(1s), 0) << "it is the successor's";
}

TEST_F(HttpServerHandover, GivesAnIdleConnectionOneMoreRequestBesideASuccessor) {
  start();
  auto socket = dial();
  socket.send(kGet);
  EXPECT_EQ(socket.receive_message().find("Connection: close"), std::string::npos);
  running_.on_thread([this] { server_->drain(DrainFor::successor); });
  EXPECT_FALSE(socket.readable_within(50ms)) << "an idle connection is not closed at once";
  socket.send(kGet);
  const auto last = socket.receive_message();
  EXPECT_NE(last.find("200 OK"), std::string::npos);
  EXPECT_NE(last.find("onnection: close"), std::string::npos) << last;
  EXPECT_TRUE(socket.closes_within(1s));
}

TEST_F(HttpServerHandover, KeepsItsWordWhereAnAnswerSaidThatOneMayAskAgain) {
  start();
  hold_ = true;
  auto socket = dial();
  socket.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n");
  while (calls_ == 0) std::this_thread::sleep_for(1ms);
  running_.on_thread([this] { server_->drain(DrainFor::successor); });
  hold_ = false;
  EXPECT_NE(socket.receive_message().find("200 OK"), std::string::npos);
  socket.send(kGet);
  EXPECT_NE(socket.receive_message().find("200 OK"), std::string::npos);
  EXPECT_TRUE(socket.closes_within(1s));
}

TEST_F(HttpServerHandover, ClosesAConnectionThatStaysIdleBesideASuccessor) {
  start();
  auto socket = dial();
  socket.send(kGet);
  static_cast<void>(socket.receive_message());
  running_.on_thread([this] { server_->drain(DrainFor::successor); });
  EXPECT_TRUE(socket.closes_within(2s));
}

TEST_F(HttpServerHandover, RestsWhileThereAreNoDescriptorsAndThenServesWhoWaited) {
  start();
  open_connections();
  const int next = ::fcntl(0, F_DUPFD_CLOEXEC, 0);
  ::close(next);
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  auto scarce = before;
  scarce.rlim_cur = static_cast<rlim_t>(next) + 1;  // for the client's own socket, and none for the server's
  ::setrlimit(RLIMIT_NOFILE, &scarce);
  auto socket = dial();
  const auto cpu_before = std::clock();
  socket.send(kGet);
  const auto early = socket.receive(300ms);
  const auto cpu = (std::clock() - cpu_before) * 1000 / CLOCKS_PER_SEC;
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_TRUE(early.empty());
  EXPECT_LT(cpu, 150) << "milliseconds of CPU time in 300: it must not spin";
  EXPECT_NE(socket.receive_message().find("200 OK"), std::string::npos);
}

TEST_F(HttpServerHandover, DoesNotGiveUpOnAClientThatTakesALittleNowAndThen) {
  limits_.write_timeout = 300ms;
  start();
  auto socket = test::BlockingSocket::to_port(port_, 4096);
  socket.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto until = std::chrono::steady_clock::now() + 1500ms;
  while (std::chrono::steady_clock::now() < until) {
    char room[2048];
    ASSERT_GT(::recv(socket.descriptor(), room, sizeof room, 0), 0);
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_EQ(open_connections(), 1U);
  socket.close();
}

}  // namespace http_server_handover_test
}  // namespace relay
