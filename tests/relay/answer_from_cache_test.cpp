// Calls that are the same as one before: what is asked of the provider once, and what is never kept.
#include "cache/memory_response_cache.h"
#include "relay/translated_calls.h"

#include <future>

namespace relay {
namespace answer_from_cache_test {

using namespace std::chrono_literals;
using test::BlockingSocket;
using test::chunk_of;

constexpr std::string_view kOn = "x-relay-cache: on\r\n";

std::string stream_of(std::string_view events) {
  return std::string(test::kStreamHead) + "openai-processing-ms: 5\r\ntransfer-encoding: chunked\r\n\r\n" +
         chunk_of(events.substr(0, 50)) + chunk_of(events.substr(50)) + "0\r\n\r\n";
}

std::string payload_of(std::string_view chunks) {
  std::string payload;
  auto framing = BodyFraming::chunked();
  framing.feed(chunks, [&payload](std::string_view piece) { payload.append(piece); });
  return payload;
}

struct Answer {
  std::string head;
  std::string body;  // without its framing
  bool has(std::string_view line) const { return head.find(line) != std::string::npos; }
};

class AnswerFromCache : public test::RelayUnderTest {
 protected:
  AnswerFromCache() { cache_ = &kept_; }

  /// Every call gets `answer`.
  void start_answering(std::string answer, bool closes = false) {
    start([this, closes, answer = std::move(answer)](BlockingSocket& provider, int) {
      for (auto asked = provider.receive_message(); !asked.empty(); asked = provider.receive_message()) {
        seen_ = std::move(asked);
        ++asked_;
        provider.send(answer);
        if (closes) return;
      }
    });
  }

  Answer ask(const std::string& request) {
    auto client = dial();
    client.send(request);
    Answer answer{.head = client.receive_until("\r\n\r\n"), .body = {}};
    auto at = answer.head.find("ontent-length: ");
    if (at == std::string::npos) at = answer.head.find("ontent-Length: ");
    if (at != std::string::npos) {
      answer.body = client.receive_exactly(std::stoul(answer.head.substr(at + 15)));
    } else if (answer.has("transfer-encoding: chunked")) {
      answer.body = payload_of(client.receive_until("\r\n0\r\n\r\n"));
    }
    return answer;
  }
  Answer ask(std::string_view more_head, std::string_view body, std::string_view path = "/v1/messages") {
    return ask(request(more_head, body, path));
  }

  MemoryResponseCache kept_{{.bytes_max = 1'000'000, .body_bytes_max = 20'000, .default_ttl = 5min}, clock_};
  std::string seen_;
  std::atomic<int> asked_{0};
};

constexpr std::string_view kCall = R"({"model":"claude-sonnet-4-5","messages":[],"max_tokens":5})";

TEST_F(AnswerFromCache, TheSameCallIsAnsweredWithoutTheProviderAndCostsNothing) {
  start_answering(test::answer_of(
      test::kMessageJson,
      "request-id: req_up\r\nanthropic-ratelimit-requests-remaining: 7\r\nset-cookie: a\r\n"));
  const auto first = ask(kOn, kCall);
  EXPECT_TRUE(first.has("x-relay-cache: miss\r\n"));
  EXPECT_FALSE(first.has("age: "));
  EXPECT_EQ(seen_.find("x-relay-cache"), std::string::npos);

  const auto second = ask(
      kOn, R"({ "max_tokens":5,"metadata":{"user_id":"u"},"messages":[ ],"m\u006fdel":"claude-sonnet-4-5"})");
  EXPECT_EQ(asked_, 1);
  EXPECT_TRUE(second.has("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(second.has("x-relay-cache: hit\r\n"));
  EXPECT_TRUE(second.has("age: 0\r\n"));
  EXPECT_TRUE(second.has("content-type: application/json\r\n"));
  EXPECT_TRUE(second.has("request-id: req_up\r\n"));
  EXPECT_FALSE(second.has("ratelimit"));
  EXPECT_FALSE(second.has("set-cookie"));
  EXPECT_EQ(second.body, test::kMessageJson);

  const auto all = records(2);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].usage.output_tokens, 15);
  EXPECT_FALSE(all[0].cached);
  EXPECT_TRUE(all[1].cached);
  EXPECT_EQ(all[1].usage, all[0].usage);
  EXPECT_EQ(all[1].billed_usage(), Usage());
  EXPECT_EQ(all[1].cost_nano_usd, 0);
  EXPECT_EQ(all[1].charge_nano_usd, 0);
  EXPECT_TRUE(all[1].priced);
  EXPECT_FALSE(all[1].estimated);
  EXPECT_EQ(all[1].outcome, AttemptOutcome::completed);
  EXPECT_EQ(all[1].status, 200);
  EXPECT_EQ(all[1].model, "claude-sonnet-4-5");
  EXPECT_EQ(all[1].message_id, "msg_1");
  EXPECT_EQ(all[1].upstream_request_id, "");
  EXPECT_NE(all[1].request_id, all[0].request_id);
  EXPECT_TRUE(second.has("x-relay-request-id: " + all[1].request_id));
}

TEST_F(AnswerFromCache, IsThereForWhoAsksAgainAtTheLastEvent) {
  const auto events = test::joined(test::message_events());
  std::promise<void> asked_again;
  start([events, ended = asked_again.get_future().share()](BlockingSocket& provider, int) {
    provider.receive_message();
    provider.send(std::string(test::kStreamHead) + "transfer-encoding: chunked\r\n\r\n" + chunk_of(events));
    ended.wait_for(5s);
    provider.send("0\r\n\r\n");
  });
  const std::string call = R"({"model":"claude-sonnet-4-5","stream":true})";
  auto client = dial();
  client.send(request(kOn, call, "/v1/messages"));
  client.receive_until(R"("type":"message_stop"})");
  EXPECT_TRUE(ask(kOn, call).has("x-relay-cache: hit\r\n"));
  asked_again.set_value();
}

TEST_F(AnswerFromCache, AStreamIsReplayedAsOne) {
  const auto events = test::joined(test::message_events());
  start_answering(stream_of(events));
  const std::string call = R"({"model":"claude-sonnet-4-5","stream":true})";
  EXPECT_EQ(ask(kOn, call).body, events);
  const auto again = ask(kOn, call);
  EXPECT_TRUE(again.has("x-relay-cache: hit\r\n"));
  EXPECT_TRUE(again.has("transfer-encoding: chunked\r\n"));
  EXPECT_TRUE(again.has("content-type: text/event-stream\r\n"));
  EXPECT_FALSE(again.has("openai-processing-ms"));
  EXPECT_EQ(again.body, events);
  const auto of_1_0 = ask(request(kOn, call, "/v1/messages", "1.0"));
  EXPECT_TRUE(of_1_0.has("x-relay-cache: hit\r\n"));
  EXPECT_TRUE(of_1_0.has("content-length: " + std::to_string(events.size())));
  EXPECT_EQ(of_1_0.body, events);
  EXPECT_EQ(asked_, 1);
  const auto all = records(3);
  EXPECT_TRUE(all.at(1).streamed);
  EXPECT_EQ(all.at(1).billed_usage(), Usage());
  // A whole answer is another one.
  EXPECT_TRUE(ask(kOn, R"({"model":"claude-sonnet-4-5"})").has("x-relay-cache: miss\r\n"));
}

TEST_F(AnswerFromCache, AChatStreamIsReplayedWithoutTheUsageThatItsClientDidNotAskFor) {
  start_answering(stream_of(test::joined(test::chat_events())));
  const std::string call = R"({"model":"gpt-6-sol","stream":true,"messages":[]})";
  const auto first = ask(kOn, call, "/v1/chat/completions");
  const auto second = ask(kOn, call, "/v1/chat/completions");
  EXPECT_TRUE(second.has("x-relay-cache: hit\r\n"));
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(second.body.find("prompt_tokens"), std::string::npos);
  EXPECT_TRUE(second.body.ends_with("data: [DONE]\n\n"));
  const auto with_usage =
      ask(kOn, R"({"model":"gpt-6-sol","stream":true,"messages":[],"stream_options":{"include_usage":true}})",
          "/v1/chat/completions");
  EXPECT_TRUE(with_usage.has("x-relay-cache: miss\r\n"));
  EXPECT_NE(with_usage.body.find("prompt_tokens"), std::string::npos);
}

class CachedPair : public AnswerFromCache, public testing::WithParamInterface<test::TranslatedPair> {
 protected:
  CachedPair() { openai_dialect_ = GetParam().openai; }
};
INSTANTIATE_TEST_SUITE_P(Pairs, CachedPair, testing::ValuesIn(test::translated_pairs()),
                         [](const auto& pair) { return std::string(pair.param.name); });

TEST_P(CachedPair, IsKeptAsItsClientGotIt) {
  const auto& pair = GetParam();
  std::atomic<bool> streams{false};
  start([&](BlockingSocket& provider, int) {
    while (!provider.receive_message().empty()) {
      ++asked_;
      provider.send(streams ? stream_of(test::joined(pair.events))
                            : test::answer_of(pair.answer, "request-id: req_up\r\n"));
    }
  });
  for (int i = 0; i < 2; ++i) {
    streams = i == 1;
    const auto call = std::string(pair.body) + (streams ? R"(,"stream":true})" : "}");
    const auto first = ask(kOn, call, pair.path);
    const auto second = ask(kOn, call, pair.path);
    EXPECT_TRUE(first.has("x-relay-cache: miss\r\n")) << first.head;
    EXPECT_TRUE(second.has("x-relay-cache: hit\r\n")) << second.head;
    EXPECT_TRUE(second.has("equest-id: req_up\r\n"));
    EXPECT_EQ(second.has("content-type: text/event-stream"), streams.load());
    EXPECT_NE(second.body.find(streams ? pair.stream_ends : pair.client_says), std::string::npos);
    EXPECT_EQ(second.body, first.body);
  }
  EXPECT_EQ(asked_, 2);
}

TEST_F(AnswerFromCache, AKeyAsksForAllItsCallsAndACallMayDecline) {
  access_.cache_ttl_seconds = 0;
  start_answering(test::answer_of(test::kMessageJson));
  EXPECT_TRUE(ask("", kCall).has("x-relay-cache: miss\r\n"));
  EXPECT_TRUE(ask("", kCall).has("x-relay-cache: hit\r\n"));
  EXPECT_FALSE(ask("x-relay-cache: off\r\n", kCall).has("x-relay-cache"));
  EXPECT_EQ(asked_, 2);
  EXPECT_TRUE(ask("cache-control: max-age=5, No-Cache\r\n", kCall).has("x-relay-cache: refresh\r\n"));
  EXPECT_TRUE(ask("cache-control: no-store\r\n", kCall).has("x-relay-cache: bypass\r\n"));
  EXPECT_EQ(asked_, 4);
  EXPECT_TRUE(ask("", kCall).has("x-relay-cache: hit\r\n"));
}

TEST_F(AnswerFromCache, NobodyWhoDoesNotAskGetsOrKeepsAnything) {
  start_answering(test::answer_of(test::kMessageJson));
  EXPECT_FALSE(ask("", kCall).has("x-relay-cache"));
  EXPECT_TRUE(ask(kOn, kCall).has("x-relay-cache: miss\r\n"));
  EXPECT_FALSE(ask("", kCall).has("x-relay-cache"));
  EXPECT_EQ(asked_, 3);
}

TEST_F(AnswerFromCache, RefreshAsksAnewAndIsKept) {
  start([this](BlockingSocket& provider, int) {
    for (; !provider.receive_message().empty(); ++asked_)
      provider.send(test::answer_of(
          R"({"id":"msg_)" + std::to_string(asked_) +
          R"(","type":"message","model":"m","content":[],"usage":{"input_tokens":1,"output_tokens":1}})"));
  });
  EXPECT_NE(ask(kOn, kCall).body.find("msg_0"), std::string::npos);
  const auto fresh = ask("x-relay-cache: refresh\r\n", kCall);
  EXPECT_TRUE(fresh.has("x-relay-cache: refresh\r\n"));
  EXPECT_NE(fresh.body.find("msg_1"), std::string::npos);
  EXPECT_NE(ask(kOn, kCall).body.find("msg_1"), std::string::npos);
}

TEST_F(AnswerFromCache, WhatChangesAnAnswerMakesAnother) {
  start_answering(test::answer_of(test::kMessageJson));
  ask(kOn, kCall);
  const auto secret = ApiKeySecret::generate(random_);
  const auto second_of_person = ApiKeySecret::generate(random_);
  auto access = access_;
  access.key_id = "key_2";
  keys_.keys[ApiKeyHash::of(second_of_person).hex()] = access;
  access.user_id = "usr_2";
  keys_.keys[ApiKeyHash::of(secret).hex()] = access;
  const auto by = [&](const ApiKeySecret& who) {
    auto text = request(kOn, kCall);
    return text.replace(text.find(secret_.text()), secret_.text().size(), who.text());
  };
  for (const auto& [more_head, body, path] : std::vector<std::array<std::string, 3>>{
           {"anthropic-beta: b1\r\n", std::string(kCall), "/v1/messages"},
           {"anthropic-version: 2023-06-01\r\n", std::string(kCall), "/v1/messages"},
           {"accept-encoding: gzip\r\n", std::string(kCall), "/v1/messages"},
           {"", std::string(kCall), "/v1/messages?beta=true"},
           {"", R"({"model":"claude-sonnet-4-5","messages":[],"max_tokens":5.0})", "/v1/messages"},
           {"", R"({"model":"claude-opus-4-5","messages":[],"max_tokens":5})", "/v1/messages"}}) {
    EXPECT_TRUE(ask(std::string(kOn) + more_head, body, path).has("x-relay-cache: miss\r\n"))
        << more_head << body;
  }
  EXPECT_TRUE(ask(by(secret)).has("x-relay-cache: miss\r\n"));
  EXPECT_TRUE(ask(by(second_of_person)).has("x-relay-cache: hit\r\n"));
  EXPECT_TRUE(
      ask(std::string(kOn) + "x-stainless-retry-count: 1\r\nuser-agent: u\r\n", kCall, "/claude/v1/messages")
          .has("x-relay-cache: hit\r\n"));
}

TEST_F(AnswerFromCache, WhatRefersToMoreThanItselfIsNeitherLookedForNorKept) {
  start_answering(test::answer_of(
      R"({"id":"r","model":"gpt-6-sol","status":"completed","output":[],"usage":{"input_tokens":1,"output_tokens":1}})"));
  const std::string large(1024 * 1024, 'x');
  const std::vector<std::array<std::string, 2>> calls{
      {"/v1/responses", R"("input":"a","previous_response_id":"resp_1")"},
      {"/v1/responses", R"("input":"a","conversation":{"id":"conv_1"})"},
      {"/v1/responses", R"("input":"a","background":true)"},
      {"/v1/chat/completions", R"("messages":[],"store":true)"},
      {"/v1/responses", R"("input":"a","x":{"twice":1,"twice":2})"},
      {"/v1/responses", R"("input":")" + large + "\""}};
  for (const auto& [path, body] : calls) {
    const auto call = R"({"model":"gpt-6-sol",)" + body + "}";
    EXPECT_TRUE(ask(kOn, call, path).has("x-relay-cache: bypass\r\n")) << body.substr(0, 50);
  }
  EXPECT_FALSE(ask(kOn, kCall, "/v1/messages/count_tokens").has("x-relay-cache"));
  EXPECT_EQ(asked_, 7);
  EXPECT_EQ(kept_.figures().entries, 0U);
}

TEST_F(AnswerFromCache, OnlyAWholeSuccessIsKept) {
  const auto events = test::message_events();
  const std::string failed(
      test::event("error", R"({"type":"error","error":{"type":"overloaded_error","message":"x"}})"));
  const std::string chunked = "transfer-encoding: chunked\r\n\r\n";
  const std::string too_large =
      R"({"id":"msg_1","type":"message","model":"m","content":[{"type":"text","text":")" +
      std::string(20'000, 'x') + R"("}],"usage":{"input_tokens":1,"output_tokens":1}})";
  const std::string error = R"({"type":"error","error":{"type":"invalid_request_error","message":"x"}})";
  const std::vector<std::string> answers{
      "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: " +
          std::to_string(error.size()) + "\r\n\r\n" + error,
      std::string(test::kStreamHead) + chunked + chunk_of(test::joined(events, 3) + failed) + "0\r\n\r\n",
      std::string(test::kStreamHead) + chunked + chunk_of(test::joined(events, 4)),                // cut
      std::string(test::kStreamHead) + chunked + chunk_of(test::joined(events, 5)) + "0\r\n\r\n",  // no end
      test::answer_of(R"({"id":"msg_1","type":"message","model":"m","content":[]})"),              // no usage
      test::answer_of("not JSON"),
      test::answer_of(too_large)};
  start([answers](BlockingSocket& provider, int number) {
    if (!provider.receive_message().empty()) provider.send(answers.at(static_cast<std::size_t>(number)));
  });
  for (int which = 0; which < static_cast<int>(answers.size()); ++which) {
    const auto answer = ask(kOn, R"({"model":"claude-sonnet-4-5","stream":true})");
    EXPECT_TRUE(answer.has("x-relay-cache: miss\r\n")) << which << answer.head;
    EXPECT_EQ(kept_.figures().entries, 0U) << which;
  }
  EXPECT_EQ(upstream_->connections(), static_cast<int>(answers.size()));
}

TEST_F(AnswerFromCache, AWordThatIsNoneOfItsOwnIsRefused) {
  start_answering(test::answer_of(test::kMessageJson));
  for (const char* line :
       {"x-relay-cache: yes\r\n", "x-relay-cache: on\r\nx-relay-cache: on\r\n",
        "x-relay-cache: on\r\nx-relay-cache-ttl: 0\r\n", "x-relay-cache: on\r\nx-relay-cache-ttl: 1h\r\n",
        "x-relay-cache: on\r\nx-relay-cache-ttl: 604801\r\n"}) {
    const auto answer = ask(line, kCall);
    EXPECT_TRUE(answer.has("HTTP/1.1 400")) << line;
    EXPECT_NE(answer.body.find("x-relay-cache"), std::string::npos) << answer.body;
  }
  EXPECT_EQ(asked_, 0);
}

TEST_F(AnswerFromCache, AKeptAnswerCountsAgainstTheKeysRateAndItsModels) {
  access_.limits.requests_per_minute = 2;
  start_answering(test::answer_of(test::kMessageJson));
  ask(kOn, kCall);
  EXPECT_TRUE(ask(kOn, kCall).has("x-relay-cache: hit\r\n"));
  EXPECT_TRUE(ask(kOn, kCall).has("HTTP/1.1 429"));
}

TEST_F(AnswerFromCache, ALongStreamWaitsForASlowClient) {
  std::string events = test::joined(test::message_events(), 3);
  for (int i = 0; i < 120; ++i)
    events += test::event("content_block_delta",
                          R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":")" +
                              std::to_string(i) + "\"}}");
  const auto all = test::message_events();
  for (std::size_t i = 4; i < all.size(); ++i) events += all[i];
  start_answering(stream_of(events));
  const std::string call = R"({"model":"claude-sonnet-4-5","stream":true})";
  ask(kOn, call);
  auto client = dial(2048);
  client.send(request(kOn, call));
  EXPECT_NE(client.receive_until("\r\n\r\n").find("x-relay-cache: hit"), std::string::npos);
  EXPECT_EQ(payload_of(client.receive_until("\r\n0\r\n\r\n")), events);
  EXPECT_EQ(asked_, 1);
}

}  // namespace answer_from_cache_test
}  // namespace relay
