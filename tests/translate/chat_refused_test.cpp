// What the other dialect can't carry is refused by its name, and nothing else is; hints are left out.
#include "translate/translation.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace relay {
namespace chat_refused_test {

struct Refused {
  std::string body;
  std::string field;
};

std::ostream& operator<<(std::ostream& out, const Refused& one) { return out << one.body.substr(0, 300); }

void expect_refused(Translation& translation, const Refused& one) {
  const auto translated = translation.request(one.body, "m");
  ASSERT_TRUE(translated.has_error()) << one;
  const auto& error = translated.error();
  EXPECT_EQ(error.kind(), ErrorKind::validation);
  EXPECT_EQ(error.code(), "invalid_request");
  ASSERT_EQ(error.fields().size(), 1U);
  EXPECT_EQ(error.fields()[0].field, one.field) << one;
  EXPECT_TRUE(error.message().starts_with(one.field + ' ')) << error.message();
}

// ---- the client speaks Chat ----

Refused chat(const std::string& member, const std::string& field) {
  return {R"({"model":"m","messages":[{"role":"user","content":"Hi"}],)" + member + "}", field};
}
Refused chat_message(const std::string& message, const std::string& field) {
  return {R"({"model":"m","messages":[{"role":"user","content":"Hi"},)" + message +
              R"(,{"role":"user","content":"Hi"}]})",
          field};
}
Refused chat_part(const std::string& part, const std::string& field) {
  return chat_message(R"({"role":"user","content":[{"type":"text","text":"a"},)" + part + "]}",
                      "messages[1].content[1]" + field);
}

TEST(ChatRefused, FieldsThatMessagesHasNoPlaceFor) {
  const std::vector<Refused> all{
      chat(R"("n":2)", "n"),
      chat(R"("seed":1)", "seed"),
      chat(R"("logprobs":true)", "logprobs"),
      chat(R"("top_logprobs":3)", "top_logprobs"),
      chat(R"("logit_bias":{"50256":-100})", "logit_bias"),
      chat(R"("presence_penalty":0.5)", "presence_penalty"),
      chat(R"("frequency_penalty":-1)", "frequency_penalty"),
      chat(R"("store":true)", "store"),
      chat(R"("audio":{"voice":"a","format":"mp3"})", "audio"),
      chat(R"("modalities":["text","audio"])", "modalities[1]"),
      chat(R"("verbosity":"low")", "verbosity"),
      chat(R"("web_search_options":{})", "web_search_options"),
      chat(R"("functions":[{"name":"f"}])", "functions"),
      chat(R"("function_call":"auto")", "function_call"),
      chat(R"("temperature":1.01)", "temperature"),
      chat(R"("service_tier":"flex")", "service_tier"),
      chat(R"("service_tier":"priority")", "service_tier"),
      chat(R"("reasoning_effort":"extreme")", "reasoning_effort"),
      chat(R"("response_format":{"type":"json_object"})", "response_format.type"),
      chat(R"("max_tokens":1,"max_completion_tokens":2)", "max_tokens"),
      chat(R"("tool_choice":"maybe")", "tool_choice"),
      chat(R"("tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[]}})",
           "tool_choice.type"),
      chat(R"("tools":[{"type":"function","function":{"name":"a"}},{"type":"custom","custom":{"name":"b"}}])",
           "tools[1].type"),
      chat(R"("a_field_to_come":1)", "a_field_to_come"),
      chat(R"("stream_options":{"new":1})", "stream_options.new"),
      chat(R"("tools":[{"type":"function","function":{"name":"a","new":true}}])", "tools[0].function.new"),
  };
  for (const auto& one : all) expect_refused(*chat_over_messages(), one);
}

TEST(ChatRefused, PartsAndMessagesThatMessagesHasNoPlaceFor) {
  const std::vector<Refused> all{
      chat_part(R"({"type":"input_audio","input_audio":{"data":"","format":"wav"}})", ".type"),
      chat_part(R"({"type":"refusal","refusal":"no"})", ".type"),
      chat_part(R"({"type":"image_url","image_url":{"url":"ftp://example.com/a.png"}})", ".image_url.url"),
      chat_part(R"({"type":"image_url","image_url":{"url":"data:image/svg+xml,<svg/>"}})", ".image_url.url"),
      chat_part(R"({"type":"image_url","image_url":{"url":"data:text/plain;base64,AAAA"}})",
                ".image_url.url"),
      chat_part(R"({"type":"image_url","image_url":"https://example.com"})", ".image_url"),
      chat_part(R"({"type":"image_url"})", ".image_url"),
      chat_part(R"({"type":"file","file":{"file_id":"file_1"}})", ".file.file_id"),
      chat_part(R"({"type":"file","file":{"filename":"a","file_data":"data:text/csv;base64,AAAA"}})",
                ".file.file_data"),
      chat_part(R"({"type":"text"})", ".text"),
      chat_part(R"({"type":"text","text":"a","new":1})", ".new"),
      chat_part(R"({"text":"a"})", ".type"),
      chat_part(R"("a")", ""),
      chat_message(R"({"role":"function","name":"f","content":"x"})", "messages[1].role"),
      chat_message(R"({"role":"user","name":"Ann","content":"x"})", "messages[1].name"),
      chat_message(R"({"role":"user","content":""})", "messages[1].content"),
      chat_message(R"({"role":"user","content":5})", "messages[1].content"),
      chat_message(R"({"role":"system"})", "messages[1].content"),
      chat_message(R"({"role":"system","content":[{"type":"image_url","image_url":{"url":"https://a"}}]})",
                   "messages[1].content[0].type"),
      chat_message(R"({"role":"assistant","content":null})", "messages[1].content"),
      chat_message(R"({"role":"assistant","content":"a","audio":{"id":"a"}})", "messages[1].audio"),
      chat_message(R"({"role":"assistant","content":"a","function_call":{"name":"f"}})",
                   "messages[1].function_call"),
      chat_message(R"({"role":"assistant","tool_calls":[{"id":"a","type":"custom","custom":{}}]})",
                   "messages[1].tool_calls[0].custom"),
      chat_message(
          R"({"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"[1]"}}]})",
          "messages[1].tool_calls[0].function.arguments"),
      chat_message(
          R"({"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"a\":"}}]})",
          "messages[1].tool_calls[0].function.arguments"),
      chat_message(
          R"({"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":{}}}]})",
          "messages[1].tool_calls[0].function.arguments"),
      chat_message(
          R"({"role":"assistant","tool_calls":[{"type":"function","function":{"name":"f","arguments":"{}"}}]})",
          "messages[1].tool_calls[0].id"),
      chat_message(R"({"role":"tool","content":"x"})", "messages[1].tool_call_id"),
      chat_message(
          R"({"role":"tool","tool_call_id":"a","content":[{"type":"image_url","image_url":{"url":"https://a"}}]})",
          "messages[1].content[0].type"),
      {R"({"model":"m","messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]})",
       "messages"},
      {R"({"model":"m"})", "messages"},
      {R"({"model":"m","messages":{}})", "messages"},
      {R"({"model":"m","messages":[3]})", "messages[0]"},
  };
  for (const auto& one : all) expect_refused(*chat_over_messages(), one);
}

TEST(ChatRefused, WrongTypesTwiceGivenAndNoJson) {
  const std::vector<Refused> all{
      chat(R"("stream":"yes")", "stream"),
      chat(R"("max_tokens":"5")", "max_tokens"),
      chat(R"("stop":5)", "stop"),
      chat(R"("stop":["a",5])", "stop[1]"),
      chat(R"("parallel_tool_calls":1)", "parallel_tool_calls"),
      chat(R"("user":1)", "user"),
      chat(R"("user":"a","user":"b")", "user"),
      chat(R"("user":"a","us\u0065r":"b")", R"(us\u0065r)"),
      {"[]", "body"},
      {"", "body"},
      {"{", "body"},
      {R"({"model":"m","messages":[{"role":"user","content":"\q"}]})", "body"},
      {R"({"model":"m","messages":[{"role":"user","content":"\u12g4"}]})", "body"},
      {"{\"messages\":" + std::string(600, '[') + std::string(600, ']') + "}", "body"},
  };
  for (const auto& one : all) expect_refused(*chat_over_messages(), one);
}

// ---- the client speaks Messages ----

Refused messages(const std::string& member, const std::string& field) {
  return {R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"Hi"}],)" + member + "}",
          field};
}
Refused turn(const std::string& role, const std::string& block, const std::string& field) {
  return {R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"Hi"},{"role":")" + role +
              R"(","content":[{"type":"text","text":"a"},)" + block +
              R"(]},{"role":"user","content":"Hi"}]})",
          "messages[1].content[1]" + field};
}

TEST(MessagesRefused, FieldsThatChatHasNoPlaceFor) {
  const std::vector<Refused> all{
      messages(R"("top_k":5)", "top_k"),
      messages(R"("container":"c")", "container"),
      messages(R"("mcp_servers":[{"type":"url"}])", "mcp_servers"),
      messages(R"("inference_geo":"us")", "inference_geo"),
      messages(R"("speed":"fast")", "speed"),
      messages(R"("service_tier":"batch")", "service_tier"),
      messages(R"("stop_sequences":["a","b","c","d","e"])", "stop_sequences"),
      messages(R"("context_management":{"edits":[{"type":"clear_tool_uses_20250919"}]})",
               "context_management.edits[0].type"),
      messages(R"("output_config":{"task_budget":{}})", "output_config.task_budget"),
      messages(R"("output_config":{"effort":"extreme"})", "output_config.effort"),
      messages(R"("output_config":{"format":{"type":"grammar"}})", "output_config.format.type"),
      messages(R"("thinking":{"type":"unheard"})", "thinking.type"),
      messages(R"("tools":[{"type":"web_search_20250305","name":"web_search","max_uses":5}])",
               "tools[0].type"),
      messages(R"("tools":[{"type":"bash_20250124","name":"bash"}])", "tools[0].type"),
      messages(R"("tools":[{"name":"a","input_schema":{},"allowed_callers":["code_execution_20250825"]}])",
               "tools[0].allowed_callers[0]"),
      messages(R"("tools":[{"name":"a","input_schema":{},"input_examples":[{}]}])",
               "tools[0].input_examples"),
      messages(R"("tools":[{"name":"a","input_schema":{},"new":1}])", "tools[0].new"),
      messages(R"("tools":[{"name":"a"}])", "tools[0].input_schema"),
      messages(R"("tools":[{"name":")" + std::string(65, 'a') + R"(","input_schema":{}}])", "tools[0].name"),
      messages(R"("tool_choice":{"type":"some"})", "tool_choice.type"),
      messages(R"("metadata":{"other":"x"})", "metadata.other"),
      messages(R"("a_field_to_come":1)", "a_field_to_come"),
      messages(R"("fallbacks":"default")", "fallbacks"),
      messages(R"("tools":[{"name":"a","input_schema":{},"defer_loading":"yes"}])", "tools[0].defer_loading"),
      messages(R"("tools":[{"name":"a","input_schema":{},"defer_loading":true,"new":1}])", "tools[0].new"),
      messages(R"("system":[{"type":"image"}])", "system[0].type"),
      messages(R"("system":5)", "system"),
      {R"({"model":"m","messages":[]})", "max_tokens"},
      {R"({"model":"m","max_tokens":5})", "messages"},
      {R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]})",
       "messages"},
      {R"({"model":"m","max_tokens":5,"messages":[{"role":"system","content":[],"output_config":{"effort":"x"}}]})",
       "messages[0].output_config.effort"},
      {R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a","output_config":{}}]})",
       "messages[0].output_config"},
      {"no JSON", "body"},
  };
  for (const auto& one : all) expect_refused(*messages_over_chat(), one);
}

TEST(MessagesRefused, BlocksThatChatHasNoPlaceFor) {
  const std::string document =
      R"({"type":"document","source":{"type":"base64","media_type":"application/pdf","data":""},)";
  const std::vector<Refused> all{
      turn("user", R"({"type":"image","source":{"type":"file","file_id":"f"}})", ".source.type"),
      turn("user", R"({"type":"image"})", ".source"),
      turn("user", R"({"type":"document","source":{"type":"url","url":"https://a"}})", ".source.type"),
      turn("user", R"({"type":"document","source":{"type":"file","file_id":"f"}})", ".source.type"),
      turn("user", document + R"("citations":{"enabled":true}})", ".citations.enabled"),
      turn("user", R"({"type":"document","source":{"type":"content","content":[{"type":"audio"}]}})",
           ".source.content[0].type"),
      turn("user", R"({"type":"search_result","source":"s","title":"t","content":[]})", ".type"),
      turn("user", R"({"type":"container_upload","file_id":"f"})", ".type"),
      turn("user", R"({"type":"tool_use","id":"a","name":"n","input":{}})", ".type"),
      turn("user", R"({"type":"tool_result","content":"x"})", ".tool_use_id"),
      turn("user", R"({"type":"tool_result","tool_use_id":"a","content":[{"type":"search_result"}]})",
           ".content[0].type"),
      turn("user", R"({"type":"tool_result","tool_use_id":"a","is_error":"yes"})", ".is_error"),
      turn("user", R"({"type":"text","text":"a","new":1})", ".new"),
      turn("user", R"({"type":"text","text":5})", ".text"),
      turn("user", "5", ""),
      turn("assistant", R"({"type":"server_tool_use","id":"a","name":"web_search","input":{}})", ".type"),
      turn("assistant", R"({"type":"web_search_tool_result","tool_use_id":"a","content":[]})", ".type"),
      turn("assistant", R"({"type":"image","source":{"type":"url","url":"https://a"}})", ".type"),
      turn("assistant", R"({"type":"tool_use","id":"a","name":"n","input":"{}"})", ".input"),
      turn("assistant", R"({"type":"tool_use","id":"a","name":"n"})", ".input"),
      turn(
          "assistant",
          R"({"type":"tool_use","id":"a","name":"n","input":{},"caller":{"type":"code_execution_20250825","tool_id":"s"}})",
          ".caller.type"),
      turn("system", R"({"type":"image"})", ".type"),
      turn("system", R"({"type":"tool_addition","tool":{"type":"mcp_toolset","name":"a"}})", ".tool.type"),
      turn("system", R"({"type":"tool_addition","tool":{"type":"tool_reference"}})", ".tool.name"),
      turn(
          "system",
          R"({"type":"tool_addition","tool":{"type":"tool_definition","definition":{"type":"bash_20250124","name":"b"}}})",
          ".tool.definition.type"),
      turn("system", R"({"type":"tool_removal","tool":{"type":"tool_definition","definition":{}}})",
           ".tool.type"),
      turn("user", R"({"type":"tool_addition","tool":{"type":"tool_reference","name":"a"}})", ".type"),
  };
  for (const auto& one : all) expect_refused(*messages_over_chat(), one);
}

// ---- answers ----

TEST(ChatRefused, AnswersThatAreNone) {
  for (const std::string_view body :
       {"", "<html>", "[]", "{}", R"({"type":"error","error":{}})", R"({"id":"a","model":"m","content":[]})",
        R"({"type":"message","id":"a","model":"m"})", R"({"type":"message","id":1,"model":"m","content":[]})",
        R"({"type":"message","id":"a","model":"m","content":[{"type":"tool_use","id":"a"}]})",
        R"({"type":"message","id":"a","model":"m","content":[{"type":"server_tool_use"}]})",
        R"({"type":"message","id":"a","model":"m","content":[5]})",
        R"({"type":"message","id":"a","model":"m","content":[{"type":"text","text":"\x"}]})"}) {
    const auto answer = chat_over_messages()->answer(body);
    ASSERT_TRUE(answer.has_error()) << body;
    EXPECT_EQ(answer.error().kind(), ErrorKind::internal);
    EXPECT_EQ(answer.error().code(), "upstream_answer_broken");
  }
}

TEST(MessagesRefused, AnswersThatAreNone) {
  const std::string with_call =
      R"({"id":"a","model":"m","choices":[{"finish_reason":"tool_calls","message":{"tool_calls":[)";
  for (const std::string& body :
       {std::string(), std::string("<html>"), std::string("{}"),
        std::string(R"({"id":"a","model":"m","choices":[]})"),
        std::string(R"({"id":"a","model":"m","choices":[{"index":0}]})"),
        std::string(R"({"id":"a","model":"m","choices":[{"message":{"content":null,"audio":{"id":"x"}}}]})"),
        with_call + R"({"id":"c","function":{"name":"f","arguments":"{\"a"}}]}}]})",
        with_call + R"({"id":"c","function":{"name":"f","arguments":"[]"}}]}}]})",
        with_call + R"({"function":{"name":"f","arguments":"{}"}}]}}]})"}) {
    const auto answer = messages_over_chat()->answer(body);
    ASSERT_TRUE(answer.has_error()) << body;
    EXPECT_EQ(answer.error().kind(), ErrorKind::internal);
    EXPECT_EQ(answer.error().code(), "upstream_answer_broken");
  }
}

// ---- errors inside of a stream, where the status is a 200's ----

std::string error_in_stream(std::unique_ptr<Translation> translation, std::string_view error) {
  std::string out;
  translation->event("error", std::string(R"({"type":"error","error":)") + std::string(error) + "}", out);
  const auto size = out.size();
  translation->end(out);
  EXPECT_EQ(out.size(), size);
  return out;
}

TEST(MessagesRefused, ErrorsInAStreamKeepTheirKind) {
  const std::pair<std::string_view, std::string_view> kinds[] = {
      {R"({"message":"x","type":"server_error","code":null})", "api_error"},
      {R"({"message":"x","type":"server_error","code":"server_is_overloaded"})", "overloaded_error"},
      {R"({"message":"x","type":"tokens","code":"rate_limit_exceeded"})", "rate_limit_error"},
      {R"({"message":"x","type":"insufficient_quota","code":"insufficient_quota"})", "billing_error"},
      {R"({"message":"x","type":"invalid_request_error","code":"context_length_exceeded"})",
       "invalid_request_error"},
      {R"({"message":"x","type":"invalid_request_error","code":"invalid_api_key"})", "authentication_error"},
      {R"({"message":"x","type":"invalid_request_error","code":"model_not_found"})", "not_found_error"},
      {R"({"message":"x","type":"invalid_request_error"})", "invalid_request_error"},
      {R"({"message":"x"})", "api_error"},
      {R"("x")", "api_error"},
  };
  for (const auto& [error, type] : kinds) {
    const auto out = error_in_stream(messages_over_chat(), error);
    EXPECT_TRUE(out.starts_with("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"" +
                                std::string(type) + '"'))
        << error << out;
  }
}

TEST(ChatRefused, ErrorsInAStreamKeepTheirKind) {
  const std::pair<std::string_view, std::string_view> kinds[] = {
      {R"({"type":"overloaded_error","message":"x"})", "server_is_overloaded"},
      {R"({"type":"api_error","message":"x"})", "server_error"},
      {R"({"type":"rate_limit_error","message":"x"})", "rate_limit_exceeded"},
      {R"({"type":"invalid_request_error","message":"prompt is too long: 2 > 1"})",
       "context_length_exceeded"},
      {R"({"type":"one_to_come","message":"x"})", "server_error"},
      {"null", "server_error"},
  };
  for (const auto& [error, code] : kinds) {
    const auto out = error_in_stream(chat_over_messages(), error);
    EXPECT_TRUE(out.ends_with("\"code\":\"" + std::string(code) + "\"}}\n\n")) << error << out;
  }
}

TEST(ChatRefused, AnErrorsWordsAreBoundedAndOneCharacterStaysWhole) {
  std::string message;
  for (int i = 0; i < 10'000; ++i) message += "\u00e4";
  const auto body = R"({"type":"error","error":{"type":"api_error","message":")" + message + "\"}}";
  EXPECT_LT(chat_over_messages()->error(500, body).size(), 4'300U);
  EXPECT_LT(messages_over_chat()->error(500, body).size(), 4'300U);
}

}  // namespace chat_refused_test
}  // namespace relay
