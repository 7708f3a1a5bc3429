// What passes through: bytes in both directions, framings, and what is recorded of it.
#include "relay/relay_under_test.h"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/this_coro.hpp>

namespace relay {
namespace pipeline_answers_test {

using namespace std::chrono_literals;
using test::BlockingSocket;
using test::chunk_of;

class PipelineAnswers : public test::RelayUnderTest {};

std::string read_chunked(BlockingSocket& socket) { return socket.receive_until("\r\n0\r\n\r\n"); }

TEST_F(PipelineAnswers, PassesBothDirectionsByteForByte) {
  const std::string body = "{ \"model\" : \"claude-sonnet-4-5\",\r\n\t\"unknown\":[1e5, \"\\u00e4\"] }";
  std::string seen;
  start([&seen](BlockingSocket& provider, int) {
    seen = provider.receive_message();
    provider.send(
        test::answer_of(test::kMessageJson,
                        "x-odd: 1\r\nrequest-id: req_up\r\nconnection: keep-alive, x-hop\r\nx-hop: 1\r\n"));
    provider.receive(50ms);
  });
  auto client = dial();
  client.send(
      request("x-beta: b\r\nconnection: x-mine\r\nx-mine: 1\r\ncookie: c=1\r\nauthorization: Bearer "
              "leftover\r\naccept-encoding: br, gzip\r\n",
              body));
  const auto answer = client.receive_message();
  EXPECT_EQ(body_of(answer), test::kMessageJson);
  EXPECT_NE(answer.find("x-odd: 1\r\n"), std::string::npos);
  EXPECT_NE(answer.find("x-relay-request-id: req_"), std::string::npos);
  EXPECT_EQ(answer.find("x-hop"), std::string::npos);
  EXPECT_EQ(body_of(seen), body);
  EXPECT_EQ(seen.substr(0, 34), "POST /v1/messages HTTP/1.1\r\nhost: ");
  EXPECT_NE(seen.find("x-beta: b\r\n"), std::string::npos);
  EXPECT_NE(seen.find("x-api-key: sk-ant-up\r\n"), std::string::npos);
  EXPECT_NE(seen.find("accept-encoding: br, gzip\r\n"), std::string::npos);
  for (const char* gone : {"x-mine", "cookie", "leftover", "cr_"})
    EXPECT_EQ(seen.find(gone), std::string::npos) << gone;
  EXPECT_EQ(journal_->last_sequence(), 1) << "recorded before the client saw the end";
  const auto all = records(1);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].outcome, AttemptOutcome::completed);
  EXPECT_EQ(all[0].usage.input_tokens, 25);
  EXPECT_EQ(all[0].usage.output_tokens, 15);
  EXPECT_EQ(all[0].upstream_request_id, "req_up");
  EXPECT_EQ(all[0].message_id, "msg_1");
}

TEST_F(PipelineAnswers, PassesAStreamInAnyPiecesWithTheSameUsage) {
  const auto events = test::joined(test::message_events());
  std::string chunked;
  for (std::size_t at = 0; at < events.size(); at += 37)
    chunked += chunk_of(std::string_view(events).substr(at, 37));
  chunked += "0\r\n\r\n";
  const auto head = std::string(test::kStreamHead) + "transfer-encoding: chunked\r\n\r\n";
  std::atomic<std::size_t> piece{1};
  start([&](BlockingSocket& provider, int) {
    while (!provider.receive_message().empty()) {
      const auto all = head + chunked;
      for (std::size_t at = 0; at < all.size(); at += piece) {
        if (!provider.send(std::string_view(all).substr(at, piece))) return;
        if (piece < 50) std::this_thread::sleep_for(50us);
      }
    }
  });
  auto client = dial();
  std::size_t count = 0;
  for (const std::size_t size : {1U, 7U, 64U, 1000U, 100'000U}) {
    piece = size;
    client.send(request());
    client.receive_until("\r\n\r\n");
    EXPECT_EQ(read_chunked(client), chunked) << size;
    EXPECT_EQ(journal_->last_sequence(), static_cast<std::int64_t>(++count))
        << "recorded before the end was seen";
  }
  for (const auto& record : records(count)) {
    EXPECT_EQ(record.usage.input_tokens, 25);
    EXPECT_EQ(record.usage.cache_read_tokens, 10);
    EXPECT_EQ(record.usage.output_tokens, 15);
    EXPECT_FALSE(record.estimated);
    EXPECT_TRUE(record.streamed);
    EXPECT_EQ(record.outcome, AttemptOutcome::completed);
  }
  EXPECT_EQ(upstream_->connections(), 1) << "the connection was used again";
}

TEST_F(PipelineAnswers, ReadsAJsonAnswerThatComesInPieces) {
  start([](BlockingSocket& provider, int) {
    provider.receive_message();
    const auto all = test::answer_of(test::kMessageJson);
    for (std::size_t at = 0; at < all.size(); at += 11) {
      provider.send(std::string_view(all).substr(at, 11));
      std::this_thread::sleep_for(200us);
    }
  });
  auto client = dial();
  client.send(request());
  EXPECT_EQ(body_of(client.receive_message()), test::kMessageJson);
  const auto all = records(1);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].usage.output_tokens, 15);
  EXPECT_FALSE(all[0].streamed);
}

TEST_F(PipelineAnswers, PassesAnAnswerThatEndsWithItsConnection) {
  start([](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n");
    provider.send(test::kMessageJson);
  });
  auto client = dial();
  client.send(request());
  const auto answer = client.receive_all();
  EXPECT_EQ(journal_->last_sequence(), 1) << "recorded before the client saw the end";
  EXPECT_EQ(body_of(answer), test::kMessageJson);
  EXPECT_FALSE(client.was_reset());
  EXPECT_NE(answer.find("connection: close"), std::string::npos);
  EXPECT_EQ(records(1).at(0).usage.output_tokens, 15);
}

TEST_F(PipelineAnswers, GivesAnHttp10ClientNoChunks) {
  const auto events = test::joined(test::message_events());
  start([&](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(std::string(test::kStreamHead) + "transfer-encoding: chunked\r\n\r\n" +
                  chunk_of(events.substr(0, 100)));
    provider.send(chunk_of(events.substr(100)) + "0\r\n\r\n");
  });
  auto client = dial();
  client.send(request("", R"({"model":"m"})", "/v1/messages", "1.0"));
  const auto answer = client.receive_all();
  EXPECT_EQ(body_of(answer), events);
  EXPECT_EQ(answer.find("transfer-encoding"), std::string::npos);
  EXPECT_EQ(records(1).at(0).outcome, AttemptOutcome::completed);
}

TEST_F(PipelineAnswers, PassesOverInterimAnswers) {
  start([](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 10");
    std::this_thread::sleep_for(5ms);
    provider.send("2 Processing\r\n\r\n" + test::answer_of(test::kMessageJson));
  });
  auto client = dial();
  client.send(request());
  const auto answer = client.receive_message();
  EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 200");
  EXPECT_EQ(body_of(answer), test::kMessageJson);
}

TEST_F(PipelineAnswers, PassesAnAnswerWithoutABody) {
  start([](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send("HTTP/1.1 204 No Content\r\nx-a: 1\r\n\r\n");
    provider.receive_message();
    provider.send(test::answer_of(test::kMessageJson));
  });
  auto client = dial();
  client.send(request());
  EXPECT_EQ(client.receive_until("\r\n\r\n").substr(0, 12), "HTTP/1.1 204");
  client.send(request());
  EXPECT_EQ(body_of(client.receive_message()), test::kMessageJson);
}

TEST_F(PipelineAnswers, PassesAProvidersErrorAndBillsNothing) {
  const std::string error = R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})";
  start([&](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send("HTTP/1.1 529 Odd Words\r\nretry-after: 7\r\ncontent-length: " +
                  std::to_string(error.size()) + "\r\n\r\n" + error);
  });
  auto client = dial();
  client.send(request());
  const auto answer = client.receive_message();
  EXPECT_EQ(answer.substr(0, 24), "HTTP/1.1 529 Odd Words\r\n");
  EXPECT_NE(answer.find("retry-after: 7\r\n"), std::string::npos);
  EXPECT_EQ(body_of(answer), error);
  const auto record = records(1).at(0);
  EXPECT_EQ(record.outcome, AttemptOutcome::provider_error);
  EXPECT_EQ(record.error_type, "overloaded_error");
  EXPECT_EQ(record.usage.input_tokens + record.usage.output_tokens, 0);
}

TEST_F(PipelineAnswers, CountsTokensWithoutBillingThem) {
  start([](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(test::answer_of(R"({"input_tokens":1234})"));
  });
  auto client = dial();
  client.send(request("", R"({"model":"claude-sonnet-4-5"})", "/v1/messages/count_tokens?beta=true"));
  EXPECT_EQ(body_of(client.receive_message()), R"({"input_tokens":1234})");
  const auto record = records(1).at(0);
  EXPECT_EQ(record.usage.input_tokens, 0);
  EXPECT_EQ(record.cost_nano_usd, 0);
}

TEST_F(PipelineAnswers, RefusesInTheDialectsOwnShape) {
  access_.limits.requests_per_minute = 1;
  start([](BlockingSocket& provider, int) {
    while (!provider.receive_message().empty()) provider.send(test::answer_of(test::kMessageJson));
  });
  auto client = dial();
  client.send(request());
  client.receive_message();
  client.send(request());
  const auto limited = client.receive_message();
  EXPECT_EQ(limited.substr(0, 12), "HTTP/1.1 429");
  EXPECT_NE(limited.find("etry-"), std::string::npos);
  EXPECT_NE(limited.find("anthropic-ratelimit-requests-limit: 1\r\n"), std::string::npos);
  EXPECT_NE(limited.find(R"("type":"rate_limit_error")"), std::string::npos);
  client.send(
      "POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer cr_nonsense\r\ncontent-length: "
      "2\r\n\r\n{}");
  const auto unknown = client.receive_message();
  EXPECT_EQ(unknown.substr(0, 12), "HTTP/1.1 401");
  EXPECT_NE(unknown.find("x-should-retry: false"), std::string::npos);
  EXPECT_EQ(records(1).size(), 1U);
}

Awaitable<bool> a_moment() {
  using Timer =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                        boost::asio::wait_traits<std::chrono::steady_clock>, IoExecutor>;
  Timer timer(co_await boost::asio::this_coro::executor, std::chrono::milliseconds(2));
  static_cast<void>(co_await timer.async_wait(as_result));
  co_return true;
}

// State that other nodes share: it never answers at once, and takes a moment.
class AskingRates final : public RateWindow {
 public:
  std::optional<RateDecision> try_take(std::string_view, std::int64_t, SteadyTime) override { return {}; }
  Awaitable<RateDecision> take(std::string subject, std::int64_t limit, SteadyTime now) override {
    static_cast<void>(co_await a_moment());
    co_return co_await window_.take(std::move(subject), limit, now);
  }
  void give_back(std::string_view subject, std::int64_t limit) override { window_.give_back(subject, limit); }

 private:
  MemoryRateWindow window_;
};
class AskingLeases final : public ConcurrencyLeases {
 public:
  std::optional<Lease> try_acquire(std::string_view, std::int64_t) override { return {}; }
  Awaitable<Lease> acquire(std::string subject, std::int64_t limit) override {
    static_cast<void>(co_await a_moment());
    co_return co_await leases_.acquire(std::move(subject), limit);
  }
  std::int64_t running() const { return leases_.running("key_1"); }

 private:
  void give_back(void*) override {}  // each lease goes back to the one that made it
  MemoryLeases leases_;
};

TEST_F(PipelineAnswers, AsksWhatNodesShareWhenItMust) {
  AskingRates rates;
  AskingLeases leases;
  shared_rates_ = &rates;
  shared_leases_ = &leases;
  access_.limits.requests_per_minute = 2;
  access_.limits.concurrency = 1;
  start([](BlockingSocket& provider, int) {
    while (!provider.receive_message().empty()) provider.send(test::answer_of(test::kMessageJson));
  });
  auto client = dial();
  for (const char* status : {"200", "200", "429"}) {
    client.send(request());
    EXPECT_EQ(client.receive_message().substr(9, 3), status);
  }
  for (int i = 0; i < 200 && leases.running() > 0; ++i) std::this_thread::sleep_for(5ms);
  EXPECT_EQ(leases.running(), 0) << "what a refused call had is given back";
}

TEST_F(PipelineAnswers, RefusesPastTheBoundOfCallsInFlight) {
  in_flight_max_ = 0;
  start([](BlockingSocket&, int) {});
  auto client = dial();
  client.send(request());
  const auto answer = client.receive_message();
  EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 529");
  EXPECT_EQ(upstream_->connections(), 0);
}

}  // namespace pipeline_answers_test
}  // namespace relay
