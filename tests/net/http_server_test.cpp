#include "net/http_server_under_test.h"

namespace relay {
namespace http_server_test {

using namespace std::chrono_literals;

class HttpServerTest : public test::HttpServerUnderTest {
 protected:
  static std::string body_of(const std::string& message) {
    return message.substr(message.find("\r\n\r\n") + 4);
  }
};

TEST_F(HttpServerTest, KeepsAConnectionAlive) {
  start();
  auto socket = dial();
  for (int i = 0; i < 3; ++i) {
    socket.send("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(body_of(socket.receive_message()), "GET /" + std::to_string(i) + " ");
  }
  EXPECT_EQ(open_connections(), 1U);
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  start();
  auto socket = dial();
  socket.send(
      "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\noneGET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
      "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nthree\r\n0\r\n\r\n"
      "GET /4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(body_of(socket.receive_message()), "POST /1 one");
  EXPECT_EQ(body_of(socket.receive_message()), "GET /2 ");
  EXPECT_EQ(body_of(socket.receive_message()), "POST /3 three");
  EXPECT_EQ(body_of(socket.receive_message()), "GET /4 ");
  EXPECT_TRUE(socket.closes_within(1s));
}

TEST_F(HttpServerTest, PassesOverABodyThatNobodyRead) {
  start();
  auto socket = dial();
  socket.send(
      "POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\noneGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(body_of(socket.receive_message()), "POST /ignore");
  EXPECT_EQ(body_of(socket.receive_message()), "GET /2 ");
}

TEST_F(HttpServerTest, ReadsHeadsAndBodiesInPieces) {
  start();
  const std::string request = "POST /pieces HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nwhole";
  for (std::size_t cut = 1; cut < request.size(); cut += 7) {
    auto socket = dial();
    socket.send(request.substr(0, cut));
    std::this_thread::sleep_for(1ms);
    socket.send(request.substr(cut));
    EXPECT_EQ(body_of(socket.receive_message()), "POST /pieces whole") << cut;
  }
}

// Each wait for a chunk once doubled the input buffer.
TEST_F(HttpServerTest, ReadsAChunkedBodyThatComesInManyPieces) {
  limits_.body_timeout = 10s;
  start();
  auto socket = dial();
  socket.send("POST /many HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  std::string expected;
  for (int i = 0; i < 60; ++i) {
    std::this_thread::sleep_for(3ms);
    socket.send("3\r\na");
    std::this_thread::sleep_for(1ms);
    socket.send("bc\r\n");
    expected += "abc";
  }
  socket.send("0\r\nx-trailer: 1\r\n\r\n");
  EXPECT_EQ(body_of(socket.receive_message()), "POST /many " + expected);
}

TEST_F(HttpServerTest, ReadsALargeSizedBody) {
  start();
  auto socket = dial();
  const std::string body(100'000, 'b');
  socket.send("POST /large-body HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + body);
  EXPECT_EQ(body_of(socket.receive_message()), "POST /large-body " + body);
}

TEST_F(HttpServerTest, TellsWhoeverWaitsToContinue) {
  start();
  auto socket = dial();
  socket.send("POST /wait HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(socket.receive_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  socket.send("ok");
  EXPECT_EQ(body_of(socket.receive_message()), "POST /wait ok");
}

TEST_F(HttpServerTest, NeverTellsAnHttp10ClientToContinue) {
  start();
  auto socket = dial();
  socket.send("POST /wait HTTP/1.0\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  std::this_thread::sleep_for(20ms);
  socket.send("ok");
  const auto answer = socket.receive_all();
  EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 200");
}

TEST_F(HttpServerTest, ClosesForHttp10UnlessAskedToStay) {
  start();
  const auto answer = ask("GET /old HTTP/1.0\r\n\r\n");
  EXPECT_EQ(body_of(answer), "GET /old ");
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  auto socket = dial();
  socket.send("GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_NE(socket.receive_message().find("Connection: keep-alive"), std::string::npos);
  socket.send("GET /again HTTP/1.0\r\n\r\n");
  EXPECT_EQ(body_of(socket.receive_message()), "GET /again ");
}

TEST_F(HttpServerTest, AnswersHeadWithoutABody) {
  start();
  const auto answer = ask("HEAD /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.find("Content-Length: 8\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(HttpServerTest, AnswersWhoLeavesBytesBehindItsLastRequest) {
  start();
  auto socket = dial();
  socket.send("GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + std::string(200'000, 'x'));
  const auto answer = socket.receive_all();
  EXPECT_EQ(body_of(answer), "GET /last ");
}

TEST_F(HttpServerTest, ClosesSlowHeads) {
  start();
  auto socket = dial();
  const auto begin = std::chrono::steady_clock::now();
  socket.send("GET /slow HTTP/1.1\r\n");
  while (std::chrono::steady_clock::now() - begin < 5s && socket.send("x")) {
    if (socket.readable_within(20ms)) break;
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 1s) << "each byte must not move the deadline on";
  EXPECT_EQ(calls_, 0);
}

TEST_F(HttpServerTest, ClosesSlowBodies) {
  start();
  auto socket = dial();
  const auto begin = std::chrono::steady_clock::now();
  socket.send("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
  while (std::chrono::steady_clock::now() - begin < 5s && socket.send("x")) {
    if (socket.readable_within(20ms)) break;
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 1s);
}

TEST_F(HttpServerTest, ClosesIdleConnections) {
  limits_.idle_timeout = 50ms;
  start();
  auto socket = dial();
  socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  socket.receive_message();
  EXPECT_TRUE(socket.closes_within(1s));
  auto silent = dial();
  EXPECT_TRUE(silent.closes_within(1s)) << "nor may one that never asks stay";
}

TEST_F(HttpServerTest, GivesUpOnAClientThatReadsNothing) {
  limits_.write_timeout = 60ms;
  start();
  auto socket = test::BlockingSocket::to_port(port_, 4096);
  socket.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  for (int i = 0; i < 200 && (calls_ == 0 || open_connections() > 0); ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(open_connections(), 0U);
}

TEST_F(HttpServerTest, TakesNoMoreConnectionsThanItMay) {
  connections_max_ = 3;
  start();
  std::vector<test::BlockingSocket> held;
  for (int i = 0; i < 3; ++i) {
    held.push_back(dial());
    held.back().send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_NE(held.back().receive_message(), "");
  }
  auto more = dial();
  EXPECT_TRUE(more.closes_within(1s));
  held[0].close();
  for (int i = 0; i < 100 && open_connections() == 3; ++i) std::this_thread::sleep_for(5ms);
  auto again = dial();
  again.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_NE(again.receive_message(), "");
}

TEST_F(HttpServerTest, TakesACrowdAtOnce) {
  start();
  std::vector<test::BlockingSocket> crowd;
  for (int i = 0; i < 300; ++i) {
    crowd.push_back(dial());
    crowd.back().send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  for (auto& socket : crowd) EXPECT_EQ(body_of(socket.receive_message()), "GET / ");
}

TEST_F(HttpServerTest, DrainsWithoutLosingARequest) {
  limits_.idle_timeout = 10s;
  limits_.head_timeout = 10s;
  start();
  hold_ = true;
  auto idle = dial();
  idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  idle.receive_message();
  auto running = dial();
  running.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n");
  auto fresh = dial();
  while (calls_ < 2 || open_connections() < 3) std::this_thread::sleep_for(1ms);

  running_.on_thread([this] { server_->drain(); });
  EXPECT_TRUE(idle.closes_within(500ms));
  EXPECT_THROW(dial(), std::runtime_error) << "nobody listens any more";
  fresh.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto first = fresh.receive_message();
  EXPECT_EQ(body_of(first), "GET /first ");
  EXPECT_NE(first.find("Connection: close"), std::string::npos);
  hold_ = false;
  const auto answer = running.receive_all();
  EXPECT_EQ(body_of(answer), "GET /held ");
  for (int i = 0; i < 200 && open_connections() > 0; ++i) std::this_thread::sleep_for(5ms);
  EXPECT_EQ(open_connections(), 0U);
}

TEST_F(HttpServerTest, DoesNotWaitForeverForAFirstRequestWhileDraining) {
  limits_.head_timeout = 60s;
  start();
  auto fresh = dial();
  while (open_connections() < 1) std::this_thread::sleep_for(1ms);
  running_.on_thread([this] { server_->drain(); });
  EXPECT_TRUE(fresh.closes_within(3s));
}

TEST_F(HttpServerTest, ServesWhoWaitsInItsQueueWhenItDrains) {
  start();
  std::optional<test::BlockingSocket> queued;
  const auto open = running_.on_thread([this, &queued] {
    queued.emplace(dial());  // nobody accepts while this runs
    server_->drain();
    return server_->open_connections();
  });
  EXPECT_EQ(open, 1U) << "whoever counts now must not think that all is done";
  queued->send("GET /queued HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(body_of(queued->receive_message()), "GET /queued ");
}

}  // namespace http_server_test
}  // namespace relay
