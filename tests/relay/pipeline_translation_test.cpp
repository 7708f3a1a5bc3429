// Calls for a model that the other provider has: what reaches it, what comes back, and what is recorded.
#include "relay/translated_calls.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <future>

namespace relay {
namespace pipeline_translation_test {

using namespace std::chrono_literals;
using test::BlockingSocket;
using test::chunk_of;
using test::TranslatedPair;

class PipelineTranslation : public test::RelayUnderTest {
 protected:
  PipelineTranslation() { prices_.replace(std::make_shared<const PriceTable>(prices())); }
  std::string call(const TranslatedPair& pair, bool streamed, std::string_view more_head = "",
                   std::string_view version = "1.1") const {
    return request(more_head, std::string(pair.body) + (streamed ? R"(,"stream":true})" : "}"), pair.path,
                   version);
  }
  static std::string stream_answer(std::string_view events, std::size_t piece = 1'000'000) {
    std::string all = std::string(test::kStreamHead) + "transfer-encoding: chunked\r\n\r\n";
    for (std::size_t at = 0; at < events.size(); at += piece) all += chunk_of(events.substr(at, piece));
    return all + "0\r\n\r\n";
  }
  // Claude 3 and 15 dollars a million, 0.30 for what was in its cache; GPT 2, 10 and 0.20.
  static std::vector<ModelPrice> prices() {
    return {{.model = "claude-sonnet-4-5",
             .provider = "anthropic",
             .rates = {.input = 3'000'000, .cache_read = 300'000, .output = 15'000'000}},
            {.model = "gpt-6-sol",
             .provider = "openai",
             .rates = {.input = 2'000'000, .cache_read = 200'000, .output = 10'000'000}}};
  }
  static void expect_usage(const UsageRecord& record, const TranslatedPair& pair) {
    EXPECT_EQ(record.outcome, AttemptOutcome::completed);
    EXPECT_EQ(record.usage.input_tokens, 25);
    EXPECT_EQ(record.usage.cache_read_tokens, 10);
    EXPECT_EQ(record.usage.output_tokens, 15);
    EXPECT_FALSE(record.estimated);
    EXPECT_EQ(record.dialect, pair.client);
    const bool is_claude = pair.client != WireDialect::anthropic_messages;
    EXPECT_EQ(record.upstream_account_id, is_claude ? "env_anthropic" : "env_openai");
    EXPECT_EQ(record.model, is_claude ? "claude-sonnet-4-5" : "gpt-6-sol");
    // 25 x 3,000 + 10 x 300 + 15 x 15,000; 25 x 2,000 + 10 x 200 + 15 x 10,000 nano-dollars.
    EXPECT_EQ(record.cost_nano_usd, is_claude ? 303'000 : 202'000);
    EXPECT_TRUE(record.priced);
  }
};

class EachPair : public PipelineTranslation, public testing::WithParamInterface<TranslatedPair> {
 protected:
  EachPair() { openai_dialect_ = GetParam().openai; }
};
INSTANTIATE_TEST_SUITE_P(Pairs, EachPair, testing::ValuesIn(test::translated_pairs()),
                         [](const auto& pair) { return std::string(pair.param.name); });

TEST_P(EachPair, AsksInTheUpstreamsWordsAndAnswersInTheClients) {
  const auto& pair = GetParam();
  std::string seen;
  start([&](BlockingSocket& provider, int) {
    seen = provider.receive_message();
    provider.send(test::answer_of(pair.answer, "request-id: req_up\r\nanthropic-organization-id: org\r\n"));
  });
  auto client = dial();
  client.send(call(pair, false,
                   "anthropic-beta: b1\r\nanthropic-version: 2026-10-21\r\nopenai-organization: o\r\n"
                   "x-stainless-lang: js\r\nuser-agent: me/1\r\naccept-encoding: gzip\r\n"));
  const auto answer = client.receive_message();
  EXPECT_EQ(answer.substr(0, 15), "HTTP/1.1 200 OK");
  EXPECT_EQ(journal_->last_sequence(), 1) << "recorded before the client saw the end";
  EXPECT_NE(answer.find("Hello, this is an answer."), std::string::npos) << answer;
  EXPECT_NE(answer.find(pair.client_says), std::string::npos) << answer;
  EXPECT_NE(answer.find("equest-id: req_up\r\n"), std::string::npos);
  EXPECT_EQ(answer.find("organization-id"), std::string::npos);

  EXPECT_EQ(seen.find(pair.upstream_line), 0U) << seen;
  EXPECT_NE(seen.find("accept-encoding: identity\r\n"), std::string::npos);
  EXPECT_NE(seen.find("user-agent: me/1\r\n"), std::string::npos);
  const bool to_anthropic = pair.client != WireDialect::anthropic_messages;
  EXPECT_NE(seen.find(to_anthropic ? "x-api-key: sk-ant-up\r\n" : "authorization: Bearer sk-up\r\n"),
            std::string::npos);
  EXPECT_EQ(seen.find("anthropic-version: 2023-06-01\r\n") != std::string::npos, to_anthropic);
  for (const char* gone : {"anthropic-beta", "2026-10-21", "openai-organization", "stainless", "cr_"})
    EXPECT_EQ(seen.find(gone), std::string::npos) << gone;
  const auto record = records(1).at(0);
  expect_usage(record, pair);
  EXPECT_FALSE(record.streamed);
  EXPECT_EQ(record.upstream_request_id, "req_up");
}

TEST_P(EachPair, StreamsTheSameInAnyPiecesWithTheUsageOfTheWholeAnswer) {
  const auto& pair = GetParam();
  const auto events = test::joined(pair.events);
  std::atomic<std::size_t> piece{1};
  start([&](BlockingSocket& provider, int) {
    while (!provider.receive_message().empty()) {
      const auto all = stream_answer(events, piece);
      for (std::size_t at = 0; at < all.size(); at += 10 * piece)
        if (!provider.send(std::string_view(all).substr(at, 10 * piece))) return;
    }
  });
  auto client = dial();
  std::size_t count = 0;
  for (const std::size_t size : {1U, 7U, 64U, 1000U, 100'000U}) {
    piece = size;
    client.send(call(pair, true));
    const auto head = client.receive_until("\r\n\r\n");
    EXPECT_NE(head.find("content-type: text/event-stream"), std::string::npos);
    const auto stream = client.receive_until("\r\n0\r\n\r\n");
    EXPECT_EQ(journal_->last_sequence(), static_cast<std::int64_t>(++count))
        << "recorded before the end was seen";
    EXPECT_NE(stream.find("Hello, this is an answer."), std::string::npos) << stream;
    EXPECT_NE(stream.find(pair.stream_ends), std::string::npos) << stream;
    EXPECT_EQ(stream.find("\"error\":{"), std::string::npos) << stream;
  }
  for (const auto& record : records(count)) {
    expect_usage(record, pair);
    EXPECT_TRUE(record.streamed);
  }
  EXPECT_EQ(upstream_->connections(), 1) << "the connection was used again";
}

TEST_P(EachPair, SendsEachEventWhenItComes) {
  const auto& pair = GetParam();
  std::atomic<bool> seen{false};
  start([&](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(std::string(test::kStreamHead) + "transfer-encoding: chunked\r\n\r\n");
    for (const auto& event : pair.events) {
      provider.send(chunk_of(event));
      if (event.find("Hello, this") == std::string::npos) continue;
      for (int i = 0; i < 1000 && !seen; ++i) std::this_thread::sleep_for(2ms);
    }
    provider.send("0\r\n\r\n");
  });
  auto client = dial();
  client.send(call(pair, true));
  EXPECT_NE(client.receive_until("Hello, this is an answer.").find("Hello"), std::string::npos);
  EXPECT_EQ(journal_->last_sequence(), 0);
  seen = true;
  client.receive_until("\r\n0\r\n\r\n");
  expect_usage(records(1).at(0), pair);
}

TEST_P(EachPair, CarriesAProvidersErrorWithItsStatus) {
  const auto& pair = GetParam();
  start([&](BlockingSocket& provider, int) {
    provider.receive_message();
    const std::string error =
        R"({"type":"error","error":{"type":"rate_limit_error","message":"Slow down, please","code":"rate_limit_exceeded"}})";
    provider.send("HTTP/1.1 429 Too Many\r\nretry-after: 7\r\nx-should-retry: true\r\ncontent-length: " +
                  std::to_string(error.size()) + "\r\n\r\n" + error);
  });
  auto client = dial();
  client.send(call(pair, true));
  const auto answer = client.receive_message();
  EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 429");
  EXPECT_NE(answer.find("retry-after: 7\r\n"), std::string::npos);
  EXPECT_NE(answer.find("x-should-retry: true\r\n"), std::string::npos);
  EXPECT_NE(answer.find("Slow down, please"), std::string::npos);
  const bool is_anthropic = pair.client == WireDialect::anthropic_messages;
  EXPECT_EQ(answer.find(R"("type":"error")") != std::string::npos, is_anthropic) << answer;
  const auto record = records(1).at(0);
  EXPECT_EQ(record.outcome, AttemptOutcome::provider_error);
  EXPECT_EQ(record.usage.input_tokens + record.usage.output_tokens, 0);
}

TEST_P(EachPair, NeverMakesACutStreamLookWhole) {
  const auto& pair = GetParam();
  start([&](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(std::string(test::kStreamHead) + "transfer-encoding: chunked\r\n\r\n" +
                  chunk_of(test::joined(pair.events, pair.events.size() - 3)));
  });
  auto client = dial();
  client.send(call(pair, true));
  const auto stream = client.receive_all();
  EXPECT_NE(stream.find("Hello, this is an answer."), std::string::npos);
  EXPECT_NE(stream.find("error"), std::string::npos) << stream;
  EXPECT_EQ(stream.find(pair.stream_ends), std::string::npos) << stream;
  EXPECT_FALSE(stream.ends_with("0\r\n\r\n"));
  const auto record = records(1).at(0);
  EXPECT_EQ(record.outcome, AttemptOutcome::upstream_cut);
  EXPECT_TRUE(record.estimated);
  EXPECT_GT(record.usage.output_tokens, 0);
}

TEST_P(EachPair, EndsAStreamThatFallsSilent) {
  const auto& pair = GetParam();
  limits_.idle = 200ms;
  start([&](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(std::string(test::kStreamHead) + "transfer-encoding: chunked\r\n\r\n" +
                  chunk_of(test::joined(pair.events, pair.events.size() - 3)));
    provider.closes_within(5s);
  });
  auto client = dial();
  client.send(call(pair, true));
  const auto stream = client.receive_all();
  EXPECT_NE(stream.find("error"), std::string::npos) << stream;
  EXPECT_EQ(stream.find(pair.stream_ends), std::string::npos) << stream;
  EXPECT_EQ(records(1).at(0).outcome, AttemptOutcome::timed_out);
}

TEST_P(EachPair, AnswersForAWholeAnswerThatIsCut) {
  const auto& pair = GetParam();
  start([&](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(test::answer_of(pair.answer).substr(0, 200));
  });
  auto client = dial();
  client.send(call(pair, false));
  EXPECT_EQ(client.receive_message().substr(0, 12), "HTTP/1.1 502");
  const auto record = records(1).at(0);
  EXPECT_EQ(record.outcome, AttemptOutcome::upstream_cut);
  EXPECT_TRUE(record.estimated);
}

TEST_P(EachPair, ClosesTheUpstreamWhenTheClientLeaves) {
  const auto& pair = GetParam();
  std::atomic<bool> closed{false};
  start([&](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(std::string(test::kStreamHead) + "transfer-encoding: chunked\r\n\r\n" +
                  chunk_of(test::joined(pair.events, pair.events.size() - 3)));
    closed = provider.closes_within(2s);
  });
  {
    auto client = dial();
    client.send(call(pair, true));
    client.receive_until("Hello, this is an answer.");
  }
  EXPECT_EQ(records(1).at(0).outcome, AttemptOutcome::client_gone);
  upstream_.reset();
  EXPECT_TRUE(closed);
}

TEST_P(EachPair, SaysWhatIsNoAnswerOfTheUpstreams) {
  const auto& pair = GetParam();
  start([&](BlockingSocket& provider, int) {
    while (!provider.receive_message().empty()) provider.send(test::answer_of("<html>"));
  });
  auto client = dial();
  client.send(call(pair, false));
  EXPECT_EQ(client.receive_message().substr(0, 12), "HTTP/1.1 502");
  client.send(call(pair, false));
  EXPECT_EQ(client.receive_message().substr(0, 12), "HTTP/1.1 502") << "the connection goes on";
  EXPECT_EQ(records(2).size(), 2U);
}

TEST_P(EachPair, GivesAnHttp10ClientNoChunks) {
  const auto& pair = GetParam();
  start([&](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(stream_answer(test::joined(pair.events)));
  });
  auto client = dial();
  client.send(call(pair, true, "", "1.0"));
  const auto answer = client.receive_all();
  EXPECT_EQ(answer.find("transfer-encoding"), std::string::npos);
  EXPECT_NE(answer.find(pair.stream_ends), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\n\n"));
  expect_usage(records(1).at(0), pair);
}

TEST_P(EachPair, TakesTheEndOfTheConnectionForTheStreamsEnd) {
  const auto& pair = GetParam();
  start([&](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(std::string(test::kStreamHead) + "\r\n" + test::joined(pair.events));
  });
  auto client = dial();
  client.send(call(pair, true));
  const auto stream = client.receive_until("\r\n0\r\n\r\n");
  EXPECT_NE(stream.find(pair.stream_ends), std::string::npos);
  expect_usage(records(1).at(0), pair);
}

TEST_P(EachPair, ReplacesAStaleConnectionOnce) {
  const auto& pair = GetParam();
  start([&](BlockingSocket& provider, int number) {
    provider.receive_message();
    provider.send(test::answer_of(pair.answer));
    provider.receive_message();
    if (number > 0) provider.send(test::answer_of(pair.answer));
  });
  auto client = dial();
  for (int i = 0; i < 2; ++i) {
    client.send(call(pair, false));
    EXPECT_EQ(client.receive_message().substr(0, 12), "HTTP/1.1 200");
  }
  for (const auto& record : records(2)) expect_usage(record, pair);
}

TEST_P(EachPair, TranslatesALargeRequestBesideTheWorker) {
  const auto& pair = GetParam();
  std::string seen;
  start([&](BlockingSocket& provider, int) {
    seen = provider.receive_message();
    provider.send(test::answer_of(pair.answer));
  });
  const std::string words(600'000, 'w');
  auto body = std::string(pair.body) + "}";
  body.replace(body.find("\"hi\"") + 1, 2, words);
  auto client = dial();
  client.send(request("", body, pair.path));
  EXPECT_EQ(client.receive_message().substr(0, 12), "HTTP/1.1 200");
  EXPECT_NE(seen.find(words), std::string::npos);
  expect_usage(records(1).at(0), pair);
}

Awaitable<void> occupy(BlockingPool& pool, std::shared_future<void> until) {
  auto work = [&until]() -> Result<> { return until.wait(), ok; };
  static_cast<void>(co_await pool.run(std::move(work)));
}

TEST_F(PipelineTranslation, HoldsNobodyUpWithALargeRequest) {
  const auto pairs = test::translated_pairs();
  const auto& pair = pairs[0];
  std::promise<void> free_again;
  start([&pair](BlockingSocket& provider, int) {
    if (!provider.receive_message().empty()) provider.send(test::answer_of(pair.answer));
  });
  running_.on_thread([this, until = free_again.get_future().share()] {
    boost::asio::co_spawn(running_.worker.executor(), occupy(pool_, until), boost::asio::detached);
    return true;
  });
  auto large_body = std::string(pair.body) + "}";
  large_body.replace(large_body.find("\"hi\"") + 1, 2, std::string(600'000, 'w'));
  auto large = dial();
  large.send(request("", large_body, pair.path));
  auto small = dial();
  small.send(call(pair, false));
  EXPECT_EQ(small.receive_message().substr(0, 12), "HTTP/1.1 200") << "on the same thread";
  EXPECT_EQ(journal_->last_sequence(), 1);
  free_again.set_value();
  EXPECT_EQ(large.receive_message().substr(0, 12), "HTTP/1.1 200");
}

TEST_F(PipelineTranslation, NamesTheFieldThatCanNotBeCarried) {
  start([](BlockingSocket&, int) {});
  auto client = dial();
  client.send(request(
      "", R"({"model":"claude-sonnet-4-5","messages":[{"role":"user","content":"hi"}],"logit_bias":{"1":2}})",
      "/v1/chat/completions"));
  const auto answer = client.receive_message();
  EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 400");
  EXPECT_NE(answer.find(R"("param":"logit_bias")"), std::string::npos) << answer;
  client.send(request("", R"({"model":"gpt-6-sol","max_tokens":9,"messages":[],"container":"c"})"));
  const auto other = client.receive_message();
  EXPECT_EQ(other.substr(0, 12), "HTTP/1.1 400");
  EXPECT_NE(other.find("container"), std::string::npos) << other;
  EXPECT_EQ(upstream_->connections(), 0);
  EXPECT_EQ(journal_->last_sequence(), 0) << "nothing reached a provider";
}

TEST_F(PipelineTranslation, RefusesWhatHasNoCounterpart) {
  start([](BlockingSocket&, int) {});
  auto client = dial();
  for (const auto& [path, model] :
       {std::pair{"/v1/embeddings", "claude-sonnet-4-5"}, std::pair{"/v1/completions", "claude-sonnet-4-5"},
        std::pair{"/v1/responses/compact", "claude-sonnet-4-5"}}) {
    client.send(request("", std::string(R"({"model":")") + model + R"("})", path));
    const auto answer = client.receive_message();
    EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 400") << path;
    EXPECT_NE(answer.find(model), std::string::npos) << answer;
  }
  EXPECT_EQ(upstream_->connections(), 0);
}

TEST_F(PipelineTranslation, LeavesAloneWhatItsOwnProviderHas) {
  std::string seen;
  start([&seen](BlockingSocket& provider, int) {
    for (int i = 0; i < 2; ++i) {
      seen = provider.receive_message();
      provider.send(test::answer_of(test::kMessageJson));
    }
  });
  auto client = dial();
  for (const char* model : {"gpt-6-sol", "somebody-elses-model"}) {
    const auto body = std::string(R"({ "model" : ")") + model + R"(", "odd": 1e5 })";
    client.send(request("", body, "/v1/chat/completions"));
    EXPECT_EQ(body_of(client.receive_message()), test::kMessageJson);
    EXPECT_EQ(seen.find("POST /v1/chat/completions HTTP/1.1\r\n"), 0U);
    EXPECT_EQ(body_of(seen), body);
  }
}

TEST_F(PipelineTranslation, AsksForThePermissionOfTheModelsProvider) {
  access_.permissions = Permissions::only(Permission::claude);
  start([](BlockingSocket& provider, int) {
    while (!provider.receive_message().empty()) provider.send(test::answer_of(test::kWholeMessage));
  });
  auto client = dial();
  const auto status = [&](std::string_view path, std::string_view body) {
    client.send(request("", body, path));
    return client.receive_message().substr(9, 3);
  };
  constexpr std::string_view kHi = R"("messages":[{"role":"user","content":"hi"}],"max_tokens":9})";
  EXPECT_EQ(status("/v1/chat/completions", R"({"model":"claude-sonnet-4-5",)" + std::string(kHi)), "200");
  EXPECT_EQ(status("/v1/chat/completions", R"({"model":"gpt-6-sol",)" + std::string(kHi)), "403");
  EXPECT_EQ(status("/v1/messages", R"({"model":"gpt-6-sol",)" + std::string(kHi)), "403");
  EXPECT_EQ(status("/v1/completions", R"({"model":"claude-sonnet-4-5"})"), "403");
}

TEST_F(PipelineTranslation, SaysThatAnAnswerIsCodedInWhatItCanNotRead) {
  const auto pair = test::translated_pairs()[0];
  start([&](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: zstd\r\ncontent-length: "
        "2\r\n\r\n{}");
  });
  auto client = dial();
  client.send(call(pair, false));
  EXPECT_EQ(client.receive_message().substr(0, 12), "HTTP/1.1 502") << "a coding that can't be read";
}

}  // namespace pipeline_translation_test
}  // namespace relay
