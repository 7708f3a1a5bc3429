// Errors in both directions: in place of an answer, and behind the head of a stream.
#include "translate/responses_streams.h"

#include <gtest/gtest.h>

namespace relay::test {
namespace responses_errors_test {

struct Words {
  int status;
  std::string_view body;
  std::string_view type;
  std::string_view code;  // of OpenAI only
};

TEST(ResponsesErrors, AnthropicsAsOpenAiSaysThem) {
  const Words rows[] = {
      {400, R"({"type":"error","error":{"type":"invalid_request_error","message":"m"}})",
       "invalid_request_error", "invalid_request_error"},
      {401, R"({"type":"error","error":{"type":"authentication_error","message":"m"}})",
       "invalid_request_error", "invalid_api_key"},
      {402, R"({"type":"error","error":{"type":"billing_error","message":"m"}})", "insufficient_quota",
       "insufficient_quota"},
      {403, R"({"type":"error","error":{"type":"permission_error","message":"m"}})", "permission_error",
       "permission_denied"},
      {404, R"({"type":"error","error":{"type":"not_found_error","message":"m"}})", "invalid_request_error",
       "not_found"},
      {413, R"({"type":"error","error":{"type":"request_too_large","message":"m"}})", "invalid_request_error",
       "request_too_large"},
      {429, R"({"type":"error","error":{"type":"rate_limit_error","message":"m"}})", "rate_limit_error",
       "rate_limit_exceeded"},
      {500, R"({"type":"error","error":{"type":"api_error","message":"m"}})", "server_error", "server_error"},
      {504, R"({"type":"error","error":{"type":"timeout_error","message":"m"}})", "server_error", "timeout"},
      {529, R"({"type":"error","error":{"type":"overloaded_error","message":"m"}})", "server_error",
       "server_is_overloaded"},
      {429, R"({"type":"error","error":{"type":"of_tomorrow","message":"m"}})", "rate_limit_error",
       "rate_limit_exceeded"},
  };
  for (const auto& [status, body, type, code] : rows) {
    const auto error = json_of(make_translation(true)->error(status, body)).at("error");
    EXPECT_EQ(error.at("type"), boost::json::value(boost::json::string(type))) << body;
    EXPECT_EQ(error.at("code"), boost::json::value(boost::json::string(code))) << body;
    EXPECT_EQ(error.at("message"), boost::json::value("m"));
    EXPECT_TRUE(error.at("param").is_null());
  }
}

TEST(ResponsesErrors, OpenAisAsAnthropicSaysThem) {
  const Words rows[] = {
      {400, R"({"error":{"message":"m","type":"invalid_request_error","code":null}})",
       "invalid_request_error", ""},
      {401, R"({"error":{"message":"m","type":"invalid_request_error","code":"invalid_api_key"}})",
       "authentication_error", ""},
      {401, R"({"error":{"message":"m","type":"invalid_request_error"}})", "authentication_error", ""},
      {403, R"({"error":{"message":"m"}})", "permission_error", ""},
      {404, R"({"error":{"message":"m","type":"invalid_request_error","code":"model_not_found"}})",
       "not_found_error", ""},
      {429, R"({"error":{"message":"m","type":"requests","code":"rate_limit_exceeded"}})", "rate_limit_error",
       ""},
      {429, R"({"error":{"message":"m","type":"insufficient_quota","code":"insufficient_quota"}})",
       "billing_error", ""},
      {429, R"({"error":{"message":"m"}})", "rate_limit_error", ""},
      {500, R"({"error":{"message":"m","type":"server_error"}})", "api_error", ""},
      {503, R"({"error":{"message":"m"}})", "overloaded_error", ""},
      {504, R"({"error":{"message":"m"}})", "timeout_error", ""},
      {418, R"({"error":{"message":"m"}})", "invalid_request_error", ""},
  };
  for (const auto& [status, body, type, code] : rows) {
    const auto whole = json_of(make_translation(false)->error(status, body));
    EXPECT_EQ(whole.at("type"), boost::json::value("error"));
    EXPECT_EQ(whole.at("error").at("type"), boost::json::value(boost::json::string(type))) << status << body;
    EXPECT_EQ(whole.at("error").at("message"), boost::json::value("m"));
  }
}

TEST(ResponsesErrors, AProxysPageIsNotShown) {
  for (const std::string_view body :
       {"<html>secret.internal</html>", "", "null", "[]", R"({"error":"x"})", "\xff\xfe"}) {
    expect_json(
        make_translation(true)->error(502, body),
        R"({"error":{"message":"The upstream answered with status 502","type":"server_error","param":null,
                    "code":"server_error"}})");
    expect_json(
        make_translation(false)->error(502, body),
        R"({"type":"error","error":{"type":"api_error","message":"The upstream answered with status 502"}})");
  }
}

TEST(ResponsesErrors, AMessageIsBoundedAndPlain) {
  const auto long_one = R"({"error":{"message":"a\n)" + std::string(5'000, 'b') + "\"}}";
  for (const bool responses : {true, false}) {
    const auto error = json_of(make_translation(responses)->error(500, long_one)).at("error");
    EXPECT_EQ(error.at("message").as_string().size(), 2'000U);
    EXPECT_TRUE(error.at("message").as_string().starts_with("a b"));
  }
}

constexpr std::string_view kStart =
    R"({"type":"message_start","message":{"id":"msg_1","model":"c","usage":{"input_tokens":3,"output_tokens":1}}})";

std::string failure(std::string_view first, std::string_view second) {
  const auto translation = make_translation(true);
  std::string out;
  if (!first.empty()) translation->event("", first, out);
  translation->event("", second, out);
  translation->event("", R"({"type":"message_stop"})", out);
  translation->end(out);
  const auto frames = frames_of(out);
  EXPECT_EQ(frames.back().name, "response.failed");
  const auto response = response_at_the_end(out);
  EXPECT_EQ(response.at("status"), boost::json::value("failed"));
  return std::string(response.at("error").at("code").as_string());
}

TEST(ResponsesErrors, BehindTheHeadOfAMessagesStream) {
  EXPECT_EQ(failure(kStart, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"),
            "server_is_overloaded");
  EXPECT_EQ(failure("", R"({"type":"error","error":{"type":"rate_limit_error","message":"m"}})"),
            "rate_limit_exceeded");
  EXPECT_EQ(failure(kStart, R"({"type":"error","error":{"type":"api_error","message":"m"}})"),
            "server_error");
  EXPECT_EQ(failure(kStart, R"({"type":"error"})"), "server_error");
  EXPECT_EQ(failure(kStart, "no json"), "server_error");
  // Content that Responses has no place for is not dropped.
  EXPECT_EQ(
      failure(
          kStart,
          R"({"type":"content_block_start","content_block":{"type":"server_tool_use","name":"web_fetch"}})"),
      "server_error");
  EXPECT_EQ(
      failure(kStart, R"({"type":"content_block_delta","delta":{"type":"text_delta","text":"of no block"}})"),
      "server_error");
  // A message_stop without a reason is no end.
  EXPECT_EQ(failure(kStart, R"({"type":"message_stop"})"), "server_error");
}

std::string message_error(std::initializer_list<std::string_view> events) {
  const auto translation = make_translation(false);
  std::string out;
  for (const auto event : events) translation->event("", event, out);
  translation->event("", R"({"type":"response.completed","response":{}})", out);
  translation->end(out);
  const auto frames = frames_of(out);
  EXPECT_EQ(frames.back().name, "error") << out;
  return std::string(json_of(frames.back().data).at("error").at("type").as_string());
}

TEST(ResponsesErrors, BehindTheHeadOfAResponsesStream) {
  EXPECT_EQ(message_error(
                {R"({"type":"response.created","response":{}})",
                 R"({"type":"response.failed","response":{"error":{"code":"server_error","message":"m"}}})"}),
            "api_error");
  EXPECT_EQ(
      message_error(
          {R"({"type":"response.failed","response":{"error":{"code":"rate_limit_exceeded","message":"m"}}})"}),
      "rate_limit_error");
  EXPECT_EQ(message_error({R"({"type":"error","code":"server_is_overloaded","message":"m"})"}),
            "overloaded_error");
  EXPECT_EQ(message_error(
                {R"({"type":"error","error":{"type":"insufficient_quota","code":"insufficient_quota"}})"}),
            "billing_error");
  EXPECT_EQ(message_error({R"({"type":"response.failed","response":{}})"}), "api_error");
  EXPECT_EQ(message_error({"{"}), "api_error");
  EXPECT_EQ(message_error({R"({"type":"response.output_item.added","item":{"type":"web_search_call"}})"}),
            "api_error");
  EXPECT_EQ(message_error({R"({"type":"response.audio.delta","delta":"AAAA"})"}), "api_error");
  EXPECT_EQ(
      message_error({R"({"type":"response.output_item.added","output_index":0,"item":{"type":"message"}})",
                     R"({"type":"response.output_text.delta","output_index":1,"delta":"elsewhere"})"}),
      "api_error");
}

TEST(ResponsesErrors, WhatIsNoAnswerIsBroken) {
  for (const std::string_view body :
       {"", "<html>", "[]", "{}", R"({"type":"error","error":{}})",
        R"({"type":"message","content":[1],"stop_reason":"end_turn"})", R"({"type":"message","content":[]})",
        R"({"type":"message","content":[{"type":"server_tool_use"}],"stop_reason":"end_turn"})"}) {
    const auto answer = make_translation(true)->answer(body);
    ASSERT_TRUE(answer.has_error()) << body;
    EXPECT_EQ(answer.error().kind(), ErrorKind::internal);
    EXPECT_EQ(answer.error().code(), "upstream_answer_broken");
  }
  for (
      const std::string_view body :
      {"", "<html>", "[]", "{}", R"({"error":{}})", R"({"status":"in_progress","output":[]})",
       R"({"status":"failed","output":[],"error":{"code":"server_error"}})",
       R"({"status":"completed","output":[1]})",
       R"({"status":"completed","output":[{"type":"web_search_call"}]})",
       R"({"status":"completed","output":[{"type":"function_call","call_id":"c","name":"n","arguments":"{"}]})"}) {
    const auto answer = make_translation(false)->answer(body);
    ASSERT_TRUE(answer.has_error()) << body;
    EXPECT_EQ(answer.error().code(), "upstream_answer_broken");
  }
}

}  // namespace responses_errors_test
}  // namespace relay::test
