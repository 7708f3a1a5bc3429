#include "relay/responses_conversation.h"

#include "relay/websocket_answer.h"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace relay {
namespace responses_conversation_test {

namespace json = boost::json;

class ResponsesConversationTest : public testing::Test {
 protected:
  Result<ResponsesConversation::Turn> say(std::string_view message) {
    return conversation_.create(message, "resp_own", WallTime(std::chrono::seconds(1'700'000'000)));
  }
  json::object body_of(std::string_view message) {
    auto turn = say(message);
    EXPECT_TRUE(turn.has_value()) << (turn.has_error() ? turn.error().message() : "");
    return turn.has_value() ? json::parse(turn->body).as_object() : json::object();
  }
  std::string code_of(std::string_view message) {
    const auto turn = say(message);
    return turn.has_error() ? std::string(turn.error().code()) : "none";
  }
  void answer(std::string_view id, std::string_view item) {
    conversation_.on_event(
        std::string(R"({"type":"response.output_item.done","item":)").append(item).append("}"));
    conversation_.on_event(std::string(R"({"type":"response.completed","response":{"id":")")
                               .append(id)
                               .append(R"(","output":[]}})"));
  }

  JsonIndex json_;
  KeptBytes all_;
  ResponsesConversation conversation_{json_, all_};
};

TEST_F(ResponsesConversationTest, MakesABodyOfAMessage) {
  const auto turn =
      say(R"({"type":"response.create","model":"gpt-5.4","input":[{"a":1}],"store":false,"x\ny":[1, 2]})");
  ASSERT_TRUE(turn.has_value());
  EXPECT_EQ(turn->body, R"({"stream":true,"model":"gpt-5.4","input":[{"a":1}],"store":false,"x\ny":[1, 2]})");
  EXPECT_TRUE(turn->messages.empty());
}

TEST_F(ResponsesConversationTest, RefusesWhatIsNoRequest) {
  EXPECT_EQ(code_of("{"), "invalid_json");
  EXPECT_EQ(code_of("[]"), "invalid_json");
  EXPECT_EQ(code_of("{}"), "unknown_message_type");
  EXPECT_EQ(code_of(R"({"type":"response.cancel"})"), "unknown_message_type");
  EXPECT_EQ(code_of(R"({"type":"response.create","type":"response.create"})"), "invalid_value");
  EXPECT_EQ(code_of(R"({"type":"response.create","store":"no"})"), "invalid_value");
  EXPECT_EQ(code_of(R"({"type":"response.create","generate":1})"), "invalid_value");
  EXPECT_EQ(code_of(R"({"type":"response.create","input":5})"), "invalid_value");
  EXPECT_EQ(code_of(R"({"type":"response.create","stream_id":""})"), "invalid_value");
  EXPECT_EQ(code_of(R"({"type":"response.create","store":false,"previous_response_id":"resp_x"})"),
            "previous_response_not_found");
}

TEST_F(ResponsesConversationTest, SendsAllThatWasSaidBeforeWithWhatIsNew) {
  body_of(R"({"type":"response.create","store":false,"input":"hello"})");
  answer("resp_1", R"({"type":"function_call","call_id":"c1"})");
  EXPECT_TRUE(conversation_.ended());
  const auto body = body_of(
      R"({"type":"response.create","store":false,"previous_response_id":"resp_1","input":[{"type":"function_call_output","call_id":"c1"}]})");
  EXPECT_EQ(body.if_contains("previous_response_id"), nullptr);
  EXPECT_EQ(
      body.at("input"),
      json::parse(
          R"([{"type":"message","role":"user","content":"hello"},{"type":"function_call","call_id":"c1"},
                            {"type":"function_call_output","call_id":"c1"}])"));
  answer("resp_2", R"({"type":"message","id":"m"})");
  EXPECT_EQ(body_of(R"({"type":"response.create","store":false,"previous_response_id":"resp_2","input":[]})")
                .at("input")
                .as_array()
                .size(),
            4u);
}

TEST_F(ResponsesConversationTest, WhatTheProviderHasStoredStaysWithIt) {
  auto body = body_of(R"({"type":"response.create","previous_response_id":"resp_there","input":[{"n":1}]})");
  EXPECT_EQ(body.at("previous_response_id"), "resp_there");
  answer("resp_1", R"({"n":2})");
  body = body_of(R"({"type":"response.create","previous_response_id":"resp_1","input":[{"n":3}]})");
  EXPECT_EQ(body.at("previous_response_id"), "resp_there");
  EXPECT_EQ(body.at("input"), json::parse(R"([{"n":1},{"n":2},{"n":3}])"));
}

TEST_F(ResponsesConversationTest, AnswersWhatGeneratesNothing) {
  const auto turn =
      say(R"({"type":"response.create","generate":false,"store":false,"model":"gpt-5.4","input":[{"n":1}]})");
  ASSERT_TRUE(turn.has_value());
  EXPECT_TRUE(turn->body.empty());
  ASSERT_EQ(turn->messages.size(), 2u);
  const auto created = json::parse(turn->messages[0]).as_object();
  const auto completed = json::parse(turn->messages[1]).as_object();
  EXPECT_EQ(created.at("type"), "response.created");
  EXPECT_EQ(completed.at("type"), "response.completed");
  EXPECT_EQ(completed.at("response").at("id"), "resp_own");
  EXPECT_EQ(completed.at("response").at("model"), "gpt-5.4");
  EXPECT_EQ(completed.at("response").at("usage").at("total_tokens"), 0);
  const auto body =
      body_of(R"({"type":"response.create","store":false,"previous_response_id":"resp_own","input":[]})");
  EXPECT_EQ(body.at("input"), json::parse(R"([{"n":1}])"));
}

TEST_F(ResponsesConversationTest, LeavesOutReasoningThatNobodyCanReadAgain) {
  body_of(R"({"type":"response.create","store":false,"input":[]})");
  conversation_.on_event(R"({"type":"response.output_item.done","item":{"type":"reasoning","id":"rs_1"}})");
  conversation_.on_event(
      R"({"type":"response.output_item.done","item":{"type":"reasoning","id":"rs_2","encrypted_content":"x"}})");
  answer("resp_1", R"({"type":"message"})");
  EXPECT_EQ(
      body_of(R"({"type":"response.create","store":false,"previous_response_id":"resp_1"})").at("input"),
      json::parse(R"([{"type":"reasoning","id":"rs_2","encrypted_content":"x"},{"type":"message"}])"));
}

TEST_F(ResponsesConversationTest, KeepsAFewResponsesWithinItsBounds) {
  for (const std::string id : {"r1", "r2", "r3", "r4", "r5"}) {
    body_of(R"({"type":"response.create","store":false,"input":[1]})");
    answer(id, "{}");
  }
  EXPECT_EQ(code_of(R"({"type":"response.create","store":false,"previous_response_id":"r1"})"),
            "previous_response_not_found");
  EXPECT_EQ(code_of(R"({"type":"response.create","store":false,"previous_response_id":"r2"})"), "none");
  EXPECT_EQ(all_.used, conversation_.kept_bytes());
  EXPECT_EQ(all_.used, 4 * (2 + 4u));  // an id and "1,{}"

  const std::string large(ResponsesConversation::kBytesMax, 'x');
  body_of(R"({"type":"response.create","store":false,"input":[")" + large + "\"]}");
  answer("large", "{}");
  EXPECT_EQ(code_of(R"({"type":"response.create","store":false,"previous_response_id":"large"})"),
            "previous_response_not_found");
  all_.limit = all_.used - 1;  // the oldest makes room, but not enough
  body_of(R"({"type":"response.create","store":false,"input":[1]})");
  answer("r6", "{}");
  EXPECT_EQ(code_of(R"({"type":"response.create","store":false,"previous_response_id":"r6"})"),
            "previous_response_not_found");
}

TEST_F(ResponsesConversationTest, PutsTheLaneIntoEachMessage) {
  body_of(R"({"type":"response.create","stream_id":"a\"b"})");
  EXPECT_EQ(conversation_.on_event(R"({"type":"x"})"), R"({"stream_id":"a\"b","type":"x"})");
  EXPECT_EQ(conversation_.on_event("{}"), R"({"stream_id":"a\"b"})");
  body_of(R"({"type":"response.create"})");
  EXPECT_EQ(conversation_.on_event(R"({"type":"x"})"), R"({"type":"x"})");
}

TEST_F(ResponsesConversationTest, SaysErrorsAsTheProviderDoes) {
  body_of(R"({"type":"response.create"})");
  EXPECT_EQ(
      conversation_.on_event(R"({"type":"error","code":"server_error","message":"m","param":null})"),
      R"({"type":"error","status":500,"error":{"type":"server_error","code":"server_error","message":"m","param":null}})");
  EXPECT_TRUE(conversation_.ended());
  EXPECT_EQ(conversation_.on_error(429, R"({"error":{"code":"c"}})", R"("retry-after":"1")"),
            R"({"type":"error","status":429,"error":{"code":"c"},"headers":{"retry-after":"1"}})");
  EXPECT_EQ(json::parse(conversation_.on_error(502, "<html>", "")).at("error").at("type"), "server_error");
  EXPECT_EQ(conversation_.on_event("[DONE]"), "");
  EXPECT_EQ(conversation_.on_event("\xff"), "");
}

class WebSocketAnswerTest : public ResponsesConversationTest {
 protected:
  std::vector<std::string> messages_of(std::string_view bytes, std::size_t piece) {
    EXPECT_TRUE(say(R"({"type":"response.create"})").has_value());
    WebSocketAnswer answer(conversation_);
    std::vector<std::string> messages;
    for (std::size_t at = 0; at < bytes.size(); at += piece) answer.feed(bytes.substr(at, piece), messages);
    answer.end(messages);
    return messages;
  }
};

TEST_F(WebSocketAnswerTest, MakesEachEventAMessageInEverySplitting) {
  constexpr std::string_view kAnswer =
      "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
      "20\r\nevent: a\ndata: {\"type\":\"a\"}\n\ndat\r\n"
      "46\r\na: {\"type\":\"response.completed\",\"response\":{\"id\":\"r\"}}\n\ndata: "
      "[DONE]\n\n\r\n0\r\n\r\n";
  const std::vector<std::string> expected{R"({"type":"a"})",
                                          R"({"type":"response.completed","response":{"id":"r"}})"};
  for (std::size_t piece = 1; piece <= kAnswer.size(); ++piece)
    EXPECT_EQ(messages_of(kAnswer, piece), expected) << piece;
}

TEST_F(WebSocketAnswerTest, SaysWhenAStreamEndedEarly) {
  const auto messages = messages_of(
      "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: {\"type\":\"a\"}\n\ndata: {", 1000);
  ASSERT_EQ(messages.size(), 2u);
  const auto error = json::parse(messages[1]).as_object();
  EXPECT_EQ(error.at("status"), 502);
  EXPECT_EQ(error.at("error").at("code"), "upstream_cut");
  EXPECT_EQ(messages_of("", 1).size(), 1u);
  EXPECT_EQ(messages_of("nonsense\r\n\r\n", 1).size(), 1u);
}

TEST_F(WebSocketAnswerTest, KeepsTheWordsOfAnError) {
  const auto messages = messages_of(
      "HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\nserver: x\r\ncontent-length: "
      "25\r\n\r\n{\"error\":{\"code\":\"slow\"}}",
      9);
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0],
            R"({"type":"error","status":429,"error":{"code":"slow"},"headers":{"Retry-After":"7"}})");
}

TEST_F(WebSocketAnswerTest, MakesEventsOfAWholeResponse) {
  const auto messages = messages_of(
      "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 48\r\n\r\n"
      R"({"id":"r","status":"incomplete","output":[{},1]})",
      5);
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_EQ(messages[0], R"({"type":"response.output_item.done","output_index":0,"item":{}})");
  EXPECT_EQ(json::parse(messages[2]).at("type"), "response.incomplete");
}

}  // namespace responses_conversation_test
}  // namespace relay
