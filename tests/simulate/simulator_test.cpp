#include "simulate/simulator.h"

#include "simulate/wire_client.h"
#include "text/base64.h"

#include <gtest/gtest.h>

#include <system_error>

namespace relay {
namespace simulator_test {

constexpr std::string_view kHello =
    R"({"model":"claude-sonnet-4-5","max_tokens":100,"messages":[{"role":"user","content":"hello"}]})";
constexpr std::string_view kHelloStream =
    R"({"model":"claude-sonnet-4-5","max_tokens":100,"stream":true,"messages":[{"role":"user","content":"hello"}]})";

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

class SimulatorTest : public testing::Test {
 protected:
  SimulatorTest() { simulator_.start(); }

  WireAnswer ask(std::string_view path, std::string_view body, std::string_view fields = "") {
    WireClient client(simulator_.port());
    client.post(path, body, fields);
    return client.read_answer();
  }
  WireAnswer look(std::string_view path, std::string_view fields = "") {
    WireClient client(simulator_.port());
    client.get(path, fields);
    return client.read_answer();
  }

  Simulator simulator_{{}};
};

TEST_F(SimulatorTest, AnswersAMessageAsJson) {
  const auto answer = ask("/v1/messages?beta=true", kHello);
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.whole);
  EXPECT_TRUE(has(answer.body, R"("text":"You said: hello")")) << answer.body;
  EXPECT_TRUE(has(answer.body, R"("stop_reason":"end_turn")"));
  EXPECT_TRUE(has(answer.body, R"("input_tokens":)"));
  EXPECT_TRUE(has(answer.head, "request-id: req_")) << answer.head;
  EXPECT_TRUE(has(answer.head, "anthropic-ratelimit-requests-limit: "));
}

TEST_F(SimulatorTest, ReadsACompressedRequest) {
  // kHello
  const auto gzipped = parse_base64(
      "H4sIAAAAAAACAw2LQQqAMAwE/5KzBQW99CsiUtpFwZiAqSCU/"
      "t0cZ5hpdGsBU6TM6S0IpiKoYQ4LDXSnb696QYziNI4uYJYOOK6NHmX4+Boeb7NKhVQXJ5iV+tZ/jceQWl0AAAA=");
  ASSERT_TRUE(gzipped);
  const auto answer = ask("/v1/messages", *gzipped, "content-encoding: gzip\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(has(answer.body, R"("text":"You said: hello")")) << answer.body;
  EXPECT_EQ(ask("/v1/messages", kHello, "content-encoding: gzip\r\n").status, 400);
  EXPECT_EQ(ask("/v1/messages", kHello, "content-encoding: gzip\r\nx-simulate: status=529\r\n").status, 529)
      << "what is asked for in the head does not need the body";
}

TEST_F(SimulatorTest, StreamsTheEventsOfAMessageInTheirOrder) {
  const auto answer = ask("/v1/messages", kHelloStream);
  EXPECT_TRUE(answer.whole);
  std::size_t at = 0;
  for (const auto* event : {"message_start", "content_block_start", "ping", "content_block_delta",
                            "content_block_stop", "message_delta", "message_stop"}) {
    at = answer.body.find("event: " + std::string(event) + "\n", at);
    ASSERT_NE(at, std::string::npos) << event << "\n" << answer.body;
  }
}

TEST_F(SimulatorTest, KeepsAConnectionAndAnswersWhatIsPipelined) {
  WireClient client(simulator_.port());
  client.post("/v1/messages", kHello);
  client.post("/v1/messages", kHelloStream);
  client.get("/v1/models");
  EXPECT_TRUE(has(client.read_answer().body, "You said: hello"));
  EXPECT_TRUE(has(client.read_answer().body, "message_stop"));
  EXPECT_TRUE(has(client.read_answer().body, R"("object":"list")"));
}

TEST_F(SimulatorTest, GivesEachMessageItsOwnIdentifier) {
  const auto id_of = [](const WireAnswer& answer) {
    return answer.body.substr(answer.body.find("msg_"), 30);
  };
  EXPECT_NE(id_of(ask("/v1/messages", kHello)), id_of(ask("/v1/messages", kHello)));
}

TEST_F(SimulatorTest, AnswersWithABodyOfTheSizeThatWasAskedFor) {
  for (const auto size : {1024, 100'000}) {
    EXPECT_EQ(ask("/v1/messages", kHello, "x-simulate: size=" + std::to_string(size) + "\r\n").body.size(),
              size);
  }
}

TEST_F(SimulatorTest, TakesADirectiveFromTheModelAndFromTheText) {
  const auto by_model = ask(
      "/v1/messages",
      R"({"model":"claude-opus-5-5--status=529","max_tokens":9,"messages":[{"role":"user","content":"x"}]})");
  EXPECT_EQ(by_model.status, 529);
  EXPECT_TRUE(has(by_model.body, "overloaded_error"));
  const auto by_text = ask(
      "/v1/messages",
      R"({"model":"claude-opus-5-5","max_tokens":9,"messages":[{"role":"user","content":"[[simulate: status=429, retry-after=7]] x"}]})");
  EXPECT_EQ(by_text.status, 429);
  EXPECT_TRUE(has(by_text.head, "retry-after: 7\r\n"));
  const auto named = ask(
      "/v1/messages",
      R"({"model":"claude-opus-5-5--no-usage","max_tokens":9,"messages":[{"role":"user","content":"x"}]})");
  EXPECT_TRUE(has(named.body, R"("model":"claude-opus-5-5")")) << named.body;
  EXPECT_FALSE(has(named.body, "usage"));
}

TEST_F(SimulatorTest, RefusesADirectiveThatItDoesNotKnow) {
  const auto answer = ask("/v1/messages", kHello, "x-simulate: cuts=3\r\n");
  EXPECT_EQ(answer.status, 400);
  EXPECT_TRUE(has(answer.body, "cuts=3"));
}

TEST_F(SimulatorTest, HasFaultsForSoManyRequestsOnly) {
  const std::string_view fields = "x-simulate: status=500,times=2\r\n";
  EXPECT_EQ(ask("/v1/messages", kHello, fields).status, 500);
  EXPECT_EQ(ask("/v1/messages", kHello, fields).status, 500);
  EXPECT_EQ(ask("/v1/messages", kHello, fields).status, 200);
  EXPECT_EQ(look("/v1/models", "x-simulate: status=503,times=1\r\n").status, 503);
  EXPECT_EQ(look("/v1/models", "x-simulate: status=503,times=1\r\n").status, 200);
  ask("/_simulate/reset", "");
  EXPECT_EQ(ask("/v1/messages", kHello, fields).status, 500);
}

TEST_F(SimulatorTest, CountsWhatTheCacheWroteAndThenRead) {
  const auto body =
      R"({"model":"claude-sonnet-4-5","max_tokens":9,"system":[{"type":"text","text":")" +
      std::string(4000, 's') +
      R"(","cache_control":{"type":"ephemeral","ttl":"1h"}}],"messages":[{"role":"user","content":"x"}]})";
  const auto first = ask("/v1/messages", body).body;
  EXPECT_TRUE(has(first, R"("cache_read_input_tokens":0)")) << first;
  EXPECT_FALSE(has(first, R"("ephemeral_1h_input_tokens":0)"));
  const auto second = ask("/v1/messages", body).body;
  EXPECT_FALSE(has(second, R"("cache_read_input_tokens":0)")) << second;
  EXPECT_TRUE(has(second, R"("cache_creation_input_tokens":0)"));
}

TEST_F(SimulatorTest, CallsAToolAndThenAnswersWithText) {
  const std::string tools = R"("tools":[{"name":"Bash","input_schema":{}}])";
  const auto call = ask(
      "/v1/messages", R"({"model":"m","max_tokens":100,"stream":true,)" + tools +
                          R"(,"messages":[{"role":"user","content":"use tool Bash {\"command\":\"ls\"}"}]})");
  EXPECT_TRUE(has(call.body, R"("type":"tool_use")")) << call.body;
  EXPECT_TRUE(has(call.body, "input_json_delta"));
  EXPECT_TRUE(has(call.body, R"("stop_reason":"tool_use")"));
  const auto after = ask(
      "/v1/messages",
      R"({"model":"m","max_tokens":100,)" + tools +
          R"(,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"a file"}]}]})");
  EXPECT_TRUE(has(after.body, "The tool said: a file")) << after.body;
  EXPECT_TRUE(has(after.body, R"("stop_reason":"end_turn")"));
}

TEST_F(SimulatorTest, ThinksWhenItIsAskedTo) {
  const auto answer = ask(
      "/v1/messages",
      R"({"model":"m","max_tokens":100,"stream":true,"thinking":{"type":"adaptive"},"messages":[{"role":"user","content":"x"}]})");
  EXPECT_TRUE(has(answer.body, "thinking_delta"));
  EXPECT_TRUE(has(answer.body, "signature_delta"));
}

TEST_F(SimulatorTest, StopsAtMaxTokens) {
  const auto answer = ask(
      "/v1/messages", R"({"model":"m","max_tokens":2,"messages":[{"role":"user","content":"a long word"}]})");
  EXPECT_TRUE(has(answer.body, R"("stop_reason":"max_tokens")")) << answer.body;
  EXPECT_TRUE(has(answer.body, R"("output_tokens":2,)")) << answer.body;
}

TEST_F(SimulatorTest, RefusesInTheProvidersWords) {
  const auto no_json = ask("/v1/messages", "{");
  EXPECT_EQ(no_json.status, 400);
  EXPECT_TRUE(has(no_json.body, R"({"type":"error","error":{)")) << no_json.body;
  EXPECT_TRUE(has(no_json.body, "invalid_request_error"));
  const auto no_limit = ask("/v1/messages", R"({"model":"m","messages":[{"role":"user","content":"x"}]})");
  EXPECT_TRUE(has(no_limit.body, "max_tokens: Field required")) << no_limit.body;
  const auto unknown = ask(
      "/v1/messages", R"({"model":"sim-unknown","max_tokens":1,"messages":[{"role":"user","content":"x"}]})");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_TRUE(has(unknown.body, "not_found_error"));
  const auto openai = ask("/v1/chat/completions", R"({"model":"gpt-5"})");
  EXPECT_EQ(openai.status, 400);
  EXPECT_TRUE(has(openai.body, R"("param":"messages")")) << openai.body;
}

TEST_F(SimulatorTest, LetsOnlyTheRequiredKeyIn) {
  Simulator locked({.host = "127.0.0.1", .required_key = "sk-right"});
  locked.start();
  const auto status = [&locked](std::string_view field) {
    WireClient client(locked.port());
    client.post("/v1/messages", kHello, field);
    return client.read_answer().status;
  };
  EXPECT_EQ(status(""), 401);
  EXPECT_EQ(status("x-api-key: sk-wrong\r\n"), 401);
  EXPECT_EQ(status("x-api-key: sk-right\r\n"), 200);
  EXPECT_EQ(status("authorization: Bearer sk-right\r\n"), 200);
}

TEST_F(SimulatorTest, SpeaksTheThreeDialectsOfOpenai) {
  const auto chat = ask(
      "/v1/chat/completions",
      R"({"model":"gpt-5","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"hi"}]})");
  EXPECT_TRUE(has(chat.body, R"("choices":[],"usage":{)")) << chat.body;
  EXPECT_TRUE(chat.body.ends_with("data: [DONE]\n\n"));
  const auto text = ask("/v1/completions", R"({"model":"gpt-5","prompt":"hi"})");
  EXPECT_TRUE(has(text.body, R"("text":"You said: hi")")) << text.body;
  const auto responses = ask("/v1/responses", R"({"model":"gpt-5","stream":true,"input":"hi"})");
  for (const auto* event :
       {"created", "in_progress", "output_item.added", "content_part.added", "output_text.delta",
        "output_text.done", "content_part.done", "output_item.done", "completed"}) {
    EXPECT_TRUE(has(responses.body, "event: response." + std::string(event) + "\n")) << event;
  }
  EXPECT_EQ(count(responses.body, "\"sequence_number\":"), count(responses.body, "event: "));
  const auto compact = ask("/v1/responses/compact", R"({"model":"gpt-5","stream":true,"input":"hi"})");
  EXPECT_TRUE(has(compact.body, R"("object":"response.compaction")")) << compact.body;
  EXPECT_TRUE(has(chat.head, "x-ratelimit-limit-requests: "));
}

TEST_F(SimulatorTest, ListsModelsInBothShapes) {
  EXPECT_TRUE(has(look("/v1/models").body, R"("object":"list")"));
  const auto page = look("/v1/models?limit=2", "anthropic-version: 2023-06-01\r\n").body;
  EXPECT_EQ(count(page, R"("type":"model")"), 2U) << page;
  EXPECT_TRUE(has(page, R"("has_more":true)"));
}

TEST_F(SimulatorTest, ShowsTheLastRequestAsItCame) {
  ask("/v1/messages", kHello, "X-Odd-Case: 1\r\n");
  const auto last = look("/_simulate/last").body;
  EXPECT_TRUE(has(last, to_base64(kHello))) << last;
  const auto begin = last.find(R"("head":")") + 8;
  const auto head = parse_base64(std::string_view(last).substr(begin, last.find('"', begin) - begin));
  ASSERT_TRUE(head.has_value());
  EXPECT_TRUE(has(*head, "POST /v1/messages HTTP/1.1\r\nhost: x\r\nX-Odd-Case: 1\r\n")) << *head;
}

TEST_F(SimulatorTest, TakesABodyInChunks) {
  WireClient client(simulator_.port());
  const std::string half(kHello.substr(0, 40)), rest(kHello.substr(40));
  client.send("POST /v1/messages HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n28\r\n" + half +
              "\r\n");
  char size[16];
  std::snprintf(size, sizeof size, "%zx\r\n", rest.size());
  client.send(size + rest + "\r\n0\r\n\r\n");
  EXPECT_TRUE(has(client.read_answer().body, "You said: hello"));
}

TEST_F(SimulatorTest, DoesNotTakeAPortThatIsTaken) {
  EXPECT_THROW(Simulator({.port = simulator_.port()}), std::system_error);
}

TEST_F(SimulatorTest, SharesItsPortAmongItsThreads) {
  Simulator several({.threads = 3});
  several.start();
  for (int i = 0; i < 20; ++i) {
    WireClient client(several.port());
    client.post("/v1/messages", kHello);
    EXPECT_EQ(client.read_answer().status, 200);
  }
}

TEST_F(SimulatorTest, StopsWhileAClientWaits) {
  WireClient client(simulator_.port());
  client.post("/v1/messages", kHelloStream, "x-simulate: hang=2\r\n");
  while (!has(client.unread(), "content_block_start"))
    ASSERT_EQ(client.read_some(), WireClient::Silence::data);
  simulator_.stop();
  EXPECT_NE(client.read_some(), WireClient::Silence::nothing);
}

}  // namespace simulator_test
}  // namespace relay
