// Translating there and back keeps what both dialects have.
#include "translate/responses_requests.h"
#include "translate/responses_streams.h"

#include <gtest/gtest.h>

namespace relay::test {
namespace responses_property_test {

namespace json = boost::json;

constexpr unsigned kRounds = 2'000;

std::string carried(bool client_speaks_responses, const std::string& body) {
  auto out = make_translation(client_speaks_responses)->request(body, "m");
  EXPECT_TRUE(out.has_value()) << body << "\n" << (out.has_error() ? out.error().message() : "");
  return out.has_value() ? *std::move(out) : "{}";
}

TEST(ResponsesProperty, AMessagesRequestComesBack) {
  for (unsigned seed = 1; seed <= kRounds; ++seed) {
    const auto request = json::serialize(RequestMaker(seed).messages_request());
    const auto there = carried(false, request);
    ASSERT_EQ(json_of(carried(true, there)), json_of(request)) << seed << "\n" << there;
  }
}

TEST(ResponsesProperty, AResponsesRequestComesBack) {
  for (unsigned seed = 1; seed <= kRounds; ++seed) {
    const auto request = json::serialize(RequestMaker(seed).responses_request());
    const auto there = carried(true, request);
    ASSERT_EQ(json_of(carried(false, there)), json_of(request)) << seed << "\n" << there;
  }
}

// A translation that has taken a request, as every one has.
std::unique_ptr<Translation> ready(bool client_speaks_responses) {
  auto translation = make_translation(client_speaks_responses);
  const auto taken = translation->request(
      client_speaks_responses ? R"({"input":"x","include":["reasoning.encrypted_content"]})"
                              : R"({"max_tokens":99,"messages":[],"thinking":{"type":"adaptive"}})",
      "m");
  EXPECT_TRUE(taken.has_value());
  return translation;
}

TEST(ResponsesProperty, AnAnswerComesBackWholeAndAsAStream) {
  for (unsigned seed = 1; seed <= kRounds; ++seed) {
    RequestMaker maker(seed);
    const auto message = maker.message();
    const auto response = ready(true)->answer(json::serialize(message));
    ASSERT_TRUE(response.has_value());
    const auto back = ready(false)->answer(*response);
    ASSERT_TRUE(back.has_value());
    ASSERT_EQ(json_of(*back), json::value(message)) << seed;

    const auto there = translated(*ready(true), maker.stream_of(message), 1 + seed % 90);
    ASSERT_EQ(response_at_the_end(there), json_of(*response)) << seed;
    const auto again = translated(*ready(false), there, 1 + seed % 70);
    ASSERT_EQ(message_of(again), json::value(message)) << seed << "\n" << there;
  }
}

std::vector<std::int64_t> sequence_numbers(const std::string& stream) {
  std::vector<std::int64_t> numbers;
  for (const auto& frame : frames_of(stream)) {
    const auto event = json_of(frame.data);
    EXPECT_EQ(event.at("type").as_string(), frame.name);
    numbers.push_back(event.at("sequence_number").as_int64());
  }
  return numbers;
}

TEST(ResponsesProperty, EventsAreNumberedWithoutAGap) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    RequestMaker maker(seed);
    const auto numbers = sequence_numbers(translated(*ready(true), maker.stream_of(maker.message()), 50));
    for (std::size_t i = 0; i < numbers.size(); ++i) ASSERT_EQ(numbers[i], static_cast<std::int64_t>(i));
  }
}

TEST(ResponsesProperty, AThoughtOfClaudeComesHomeSealed) {
  const auto answer = ready(true)->answer(
      R"({"id":"msg_1","type":"message","role":"assistant","model":"c","stop_reason":"end_turn","content":[
          {"type":"thinking","thinking":"so\n\nit is","signature":"Eq+/=="},{"type":"redacted_thinking","data":"EmwK"},
          {"type":"text","text":"yes"}]})");
  ASSERT_TRUE(answer.has_value());
  const json::object next{{"input", json_of(*answer).at("output")}};
  const auto request = json_of(carried(true, json::serialize(next)));
  EXPECT_EQ(request.at("messages").at(0).at("content"),
            json_of(R"([{"type":"thinking","thinking":"so\n\nit is","signature":"Eq+/=="},
                        {"type":"redacted_thinking","data":"EmwK"},{"type":"text","text":"yes"}])"));
}

TEST(ResponsesProperty, ReasoningOfOpenAiComesHomeSealed) {
  const auto answer = ready(false)->answer(
      R"({"id":"resp_1","status":"completed","model":"g","output":[
          {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"so"}],"encrypted_content":"gAA:A="},
          {"type":"function_call","call_id":"call_1","name":"n","arguments":"{\"a\":0.1}"}]})");
  ASSERT_TRUE(answer.has_value());
  const json::object turn{{"role", "assistant"}, {"content", json_of(*answer).at("content")}};
  const json::object next{{"max_tokens", 99}, {"messages", json::array{turn}}};
  EXPECT_EQ(json_of(carried(false, json::serialize(next))).at("input"),
            json_of(R"([{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"so"}],
                         "encrypted_content":"gAA:A="},
                        {"type":"function_call","call_id":"call_1","name":"n","arguments":"{\"a\":0.1}"}])"));
}

// Without being asked for, no thought is shown, and nothing sealed.
TEST(ResponsesProperty, ThoughtsAreForThoseWhoAsk) {
  const auto to_responses = make_translation(true);
  ASSERT_TRUE(to_responses->request(R"({"input":"x"})", "m").has_value());
  const auto response = to_responses->answer(
      R"({"type":"message","stop_reason":"end_turn","content":[{"type":"thinking","thinking":"so","signature":"E"}]})");
  ASSERT_TRUE(response.has_value());
  EXPECT_FALSE(json_of(*response).at("output").at(0).as_object().contains("encrypted_content"));

  const auto to_messages = make_translation(false);
  ASSERT_TRUE(to_messages->request(R"({"max_tokens":99,"messages":[]})", "m").has_value());
  const auto message = to_messages->answer(
      R"({"status":"completed","output":[{"type":"reasoning","summary":[],"encrypted_content":"g"}]})");
  ASSERT_TRUE(message.has_value());
  EXPECT_TRUE(json_of(*message).at("content").as_array().empty());
}

}  // namespace responses_property_test
}  // namespace relay::test
