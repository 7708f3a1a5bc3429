// What the other dialect has no place for is refused, with its path.
#include "translate/responses_streams.h"

#include <gtest/gtest.h>

namespace relay::test {
namespace responses_refusals_test {

struct Refusal {
  std::string_view body;  // without its braces, behind what every request needs
  std::string_view field;
};

constexpr std::string_view kResponses = R"("model":"m","input":"x")";
constexpr std::string_view kMessages = R"("model":"m","max_tokens":100,"messages":[])";

void expect_refused(bool client_speaks_responses, const std::string& body, std::string_view field) {
  const auto refused = make_translation(client_speaks_responses)->request(body, "other");
  ASSERT_TRUE(refused.has_error()) << body;
  EXPECT_EQ(refused.error().kind(), ErrorKind::validation) << body;
  EXPECT_EQ(refused.error().code(), "invalid_request") << body;
  ASSERT_FALSE(refused.error().fields().empty()) << body;
  EXPECT_EQ(refused.error().fields().front().field, field) << body;
  EXPECT_TRUE(refused.error().message().starts_with(field)) << refused.error().message();
}

void expect_carried(bool client_speaks_responses, const std::string& body) {
  const auto carried = make_translation(client_speaks_responses)->request(body, "other");
  EXPECT_TRUE(carried.has_value()) << body << carried.error().message();
}

std::string with(std::string_view needed, std::string_view more) {
  return "{" + std::string(needed) + "," + std::string(more) + "}";
}
std::string with_items(std::string_view items) {
  return R"({"model":"m","input":[)" + std::string(items) + "]}";
}
std::string with_blocks(std::string_view role, std::string_view blocks) {
  return R"({"model":"m","max_tokens":100,"messages":[{"role":")" + std::string(role) + R"(","content":[)" +
         std::string(blocks) + "]}]}";
}

TEST(ResponsesRefusals, OfAResponsesRequest) {
  const Refusal refusals[] = {
      {R"("previous_response_id":"resp_1")", "previous_response_id"},
      {R"("conversation":"conv_1")", "conversation"},
      {R"("prompt":{"id":"p"})", "prompt"},
      {R"("background":true)", "background"},
      {R"("truncation":"auto")", "truncation"},
      {R"("top_logprobs":2)", "top_logprobs"},
      {R"("max_tool_calls":2)", "max_tool_calls"},
      {R"("unheard_of":1)", "unheard_of"},
      {R"("temperature":1.5)", "temperature"},
      {R"("temperature":"hot")", "temperature"},
      {R"("top_p":2)", "top_p"},
      {R"("max_output_tokens":0)", "max_output_tokens"},
      {R"("stream":"yes")", "stream"},
      {R"("service_tier":"flex")", "service_tier"},
      {R"("include":["reasoning.encrypted_content","message.output_text.logprobs"])", "include[1]"},
      {R"("text":{"verbosity":"low"})", "text.verbosity"},
      {R"("text":{"format":{"type":"json_object"}})", "text.format.type"},
      {R"("text":{"format":{"type":"json_schema","name":"n"}})", "text.format.schema"},
      {R"("text":{"format":{"type":"json_schema","name":"n","description":"d","schema":{"description":"e"}}})",
       "text.format.description"},
      {R"("reasoning":{"effort":"extreme"})", "reasoning.effort"},
      {R"("reasoning":{"mode":"pro"})", "reasoning.mode"},
      {R"("tools":{})", "tools"},
      {R"("tools":[1])", "tools[0]"},
      {R"("tools":[{"type":"web_search","search_context_size":"high"}])", "tools[0].search_context_size"},
      {R"("tools":[{"type":"web_search","filters":{"blocked_domains":[]}}])",
       "tools[0].filters.blocked_domains"},
      {R"("tools":[{"type":"function","name":"web_search"},{"type":"web_search"}])", "tools[1].type"},
      {R"("tools":[{"type":"code_interpreter"}])", "tools[0].type"},
      {R"("tools":[{"type":"custom","name":"apply_patch"}])", "tools[0].type"},
      {R"("tools":[{"type":"mcp"}])", "tools[0].type"},
      {R"("tools":[{"type":"namespace","name":"n","tools":[{"type":"custom","name":"x"}]}])",
       "tools[0].tools[0].type"},
      {R"("tools":[{"type":"function","name":"a"},{"type":"function","name":"a"}])", "tools[1].name"},
      {R"("tools":[{"type":"function","name":"n__a"},{"type":"namespace","name":"n","tools":[{"type":"function","name":"a"}]}])",
       "tools[1].tools[0].name"},
      {R"("tools":[{"type":"function","name":"a","parameters":[]}])", "tools[0].parameters"},
      {R"("tool_choice":"required")", "tool_choice"},
      {R"("tool_choice":"sometimes")", "tool_choice"},
      {R"("tool_choice":{"type":"function","name":"b"},"tools":[{"type":"function","name":"a"}])",
       "tool_choice.name"},
      {R"("tool_choice":{"type":"allowed_tools","name":"b"})", "tool_choice.type"},
  };
  for (const auto& [more, field] : refusals) expect_refused(true, with(kResponses, more), field);
  expect_refused(true, R"({"model":"m"})", "input");
  expect_refused(true, "[]", "body");
  expect_refused(true, "{\"model\":\"\xff\"}", "body");
}

TEST(ResponsesRefusals, OfAnInput) {
  const Refusal refusals[] = {
      {R"(1)", "input[0]"},
      {R"({"type":"item_reference","id":"msg_1"})", "input[0].type"},
      {R"({"type":"compaction","encrypted_content":"x"})", "input[0].type"},
      {R"({"type":"file_search_call","id":"fs_1"})", "input[0].type"},
      {R"({"role":"user","content":"x"},{"type":"custom_tool_call","call_id":"c"})", "input[1].type"},
      {R"({"role":"tool","content":"x"})", "input[0].role"},
      {R"({"role":"user"})", "input[0].content"},
      {R"({"role":"user","content":"x","name":"bob"})", "input[0].name"},
      {R"({"role":"user","content":[{"type":"input_audio"}]})", "input[0].content[0].type"},
      {R"({"role":"user","content":[{"type":"input_image","file_id":"file_1"}]})",
       "input[0].content[0].file_id"},
      {R"({"role":"user","content":[{"type":"input_image","image_url":"ftp://x"}]})",
       "input[0].content[0].image_url"},
      {R"({"role":"user","content":[{"type":"input_image","image_url":"data:image/tiff;base64,AA=="}]})",
       "input[0].content[0].image_url"},
      {R"({"role":"user","content":[{"type":"input_file","file_id":"file_1"}]})",
       "input[0].content[0].file_id"},
      {R"({"role":"user","content":[{"type":"input_file","file_data":"JVBE"}]})",
       "input[0].content[0].file_data"},
      {R"({"role":"user","content":[{"type":"input_file","file_data":"data:application/zip;base64,AA=="}]})",
       "input[0].content[0].file_data"},
      {R"({"role":"user","content":[{"type":"input_file","file_data":"data:text/plain;base64,/w=="}]})",
       "input[0].content[0].file_data"},
      {R"({"role":"user","content":[{"type":"input_text","text":"x"},{"type":"input_text"}]})",
       "input[0].content[1].text"},
      {R"({"type":"function_call","call_id":"c","name":"n","arguments":"{"})", "input[0].arguments"},
      {R"({"type":"function_call","call_id":"c","name":"n","arguments":"[1]"})", "input[0].arguments"},
      {R"({"type":"function_call","name":"n","arguments":"{}"})", "input[0].call_id"},
      {R"({"type":"function_call_output","call_id":"c"})", "input[0].output"},
      {R"({"type":"function_call_output","call_id":"c","output":[{"type":"x"}]})", "input[0].output[0].type"},
      {R"({"type":"reasoning","summary":[1]})", "input[0].summary[0]"},
  };
  for (const auto& [items, field] : refusals) expect_refused(true, with_items(items), field);
}

TEST(ResponsesRefusals, OfAMessagesRequest) {
  const Refusal refusals[] = {
      {R"("stop_sequences":["END"])", "stop_sequences"},
      {R"("top_k":5)", "top_k"},
      {R"("container":"c")", "container"},
      {R"("mcp_servers":[{}])", "mcp_servers"},
      {R"("inference_geo":"us")", "inference_geo"},
      {R"("speed":"fast")", "speed"},
      {R"("unheard_of":1)", "unheard_of"},
      {R"("temperature":2)", "temperature"},
      {R"("service_tier":"priority")", "service_tier"},
      {R"("metadata":{"team":"a"})", "metadata.team"},
      {R"("thinking":{"type":"deep"})", "thinking.type"},
      {R"("output_config":{"effort":"extreme"})", "output_config.effort"},
      {R"("output_config":{"task_budget":{}})", "output_config.task_budget"},
      {R"("output_config":{"format":{"type":"grammar"}})", "output_config.format.type"},
      {R"("context_management":{"edits":[{"type":"clear_tool_uses_20250919"}]})",
       "context_management.edits[0].type"},
      {R"("system":[{"type":"image"}])", "system[0].type"},
      {R"("tools":[{"type":"web_search_20250305","name":"web_search"}])", "tools[0].type"},
      {R"("tools":[{"type":"bash_20250124","name":"bash"}])", "tools[0].type"},
      {R"("tools":[{"name":"a"}])", "tools[0].input_schema"},
      {R"("tools":[{"name":"a","input_schema":{},"input_examples":[{}]}])", "tools[0].input_examples"},
      {R"("tools":[{"name":"a","input_schema":{},"allowed_callers":["code_execution_20250825"]}])",
       "tools[0].allowed_callers[0]"},
      {R"("tool_choice":{"type":"some"})", "tool_choice.type"},
  };
  for (const auto& [more, field] : refusals) expect_refused(false, with(kMessages, more), field);
  expect_refused(false, R"({"model":"m","messages":[]})", "max_tokens");
  expect_refused(false, R"({"model":"m","max_tokens":1,"messages":[]})", "max_tokens");
  expect_refused(false, R"({"model":"m","max_tokens":100})", "messages");
  expect_refused(false,
                 R"({"max_tokens":100,"messages":[],"tools":[{"name":")" + std::string(65, 'a') + R"("}]})",
                 "tools[0].input_schema");
  expect_refused(false,
                 R"({"max_tokens":100,"messages":[],"tools":[{"name":")" + std::string(65, 'a') +
                     R"(","input_schema":{}}]})",
                 "tools[0].name");
}

TEST(ResponsesRefusals, OfABlock) {
  const Refusal of_users[] = {
      {R"({"type":"text","text":"x"},{"type":"search_result"})", "messages[0].content[1].type"},
      {R"({"type":"container_upload","file_id":"f"})", "messages[0].content[0].type"},
      {R"({"type":"image","source":{"type":"file","file_id":"f"}})", "messages[0].content[0].source.type"},
      {R"({"type":"document","source":{"type":"content","content":[]}})",
       "messages[0].content[0].source.type"},
      {R"({"type":"document","context":"c","source":{"type":"text","data":"x"}})",
       "messages[0].content[0].context"},
      {R"({"type":"document","citations":{"enabled":true},"source":{"type":"text","data":"x"}})",
       "messages[0].content[0].citations.enabled"},
      {R"({"type":"document","title":"t","source":{"type":"url","url":"https://x"}})",
       "messages[0].content[0].title"},
      {R"({"type":"tool_result","content":"x"})", "messages[0].content[0].tool_use_id"},
      {R"({"type":"tool_result","tool_use_id":"t","content":[{"type":"search_result"}]})",
       "messages[0].content[0].content[0].type"},
      {R"({"type":"tool_result","tool_use_id":"t","content":5})", "messages[0].content[0].content"},
  };
  for (const auto& [blocks, field] : of_users) expect_refused(false, with_blocks("user", blocks), field);
  const Refusal of_assistants[] = {
      {R"({"type":"server_tool_use","id":"s","name":"web_search","input":{}})",
       "messages[0].content[0].type"},
      {R"({"type":"web_search_tool_result"})", "messages[0].content[0].type"},
      {R"({"type":"tool_use","id":"t","name":"n"})", "messages[0].content[0].input"},
      {R"({"type":"tool_use","id":"t","name":"n","input":{},"caller":{"type":"code_execution_20250825"}})",
       "messages[0].content[0].caller.type"},
      {R"({"type":"thinking","thinking":"x","signature":"openai.reasoning.1:broken"})",
       "messages[0].content[0].signature"},
  };
  for (const auto& [blocks, field] : of_assistants)
    expect_refused(false, with_blocks("assistant", blocks), field);
  expect_refused(false, R"({"max_tokens":99,"messages":[{"role":"user","content":"x","output_config":{}}]})",
                 "messages[0].output_config");
  expect_refused(
      false,
      R"({"max_tokens":99,"messages":[{"role":"system","content":"x","output_config":{"effort":"?"}}]})",
      "messages[0].output_config.effort");
  expect_refused(false, with_blocks("tool", ""), "messages[0].role");
}

TEST(ResponsesRefusals, WhatChangesNoAnswerIsLeftOut) {
  for (const std::string_view more :
       {R"("store":true)", R"("metadata":{"a":"b"})", R"("prompt_cache_key":"k")",
        R"("prompt_cache_retention":"24h")", R"("client_metadata":{})",
        R"("stream_options":{"include_obfuscation":false})", R"("previous_response_id":null)",
        R"("tools":[{"type":"web_search","external_web_access":false}],"tool_choice":"auto")",
        R"("top_logprobs":0)"}) {
    expect_carried(true, with(kResponses, more));
  }
  for (const std::string_view more :
       {R"("cache_control":{"type":"ephemeral"})", R"("thinking":{"type":"disabled"})", R"("top_k":null)",
        R"("stop_sequences":[])",
        R"("context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]})"}) {
    expect_carried(false, with(kMessages, more));
  }
}

}  // namespace responses_refusals_test
}  // namespace relay::test
