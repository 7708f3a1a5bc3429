// One call for each pair of dialects that the relay translates, and what its upstream answers: the same words
// and the same usage, whole and as a stream. 25 tokens in, 10 more read from the cache, 15 out.
#pragma once

#include "relay/relay_under_test.h"

namespace relay::test {

struct TranslatedPair {
  const char* name;
  WireDialect client;
  WireDialect openai;  // what the OpenAI account speaks
  const char* path;
  const char* body;  // without "stream"
  const char* upstream_line;
  const char* answer;  // of the upstream
  std::vector<std::string> events;
  const char* client_says;  // in the whole answer
  const char* stream_ends;  // the last words of the client's stream
};

inline std::string data_of(std::string_view data) {
  return std::string("data: ").append(data).append("\n\n");
}

inline std::vector<std::string> chat_events() {
  return {
      data_of(
          R"({"id":"chatcmpl_1","object":"chat.completion.chunk","created":1,"model":"gpt-6-sol","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null})"),
      data_of(
          R"({"id":"chatcmpl_1","object":"chat.completion.chunk","created":1,"model":"gpt-6-sol","choices":[{"index":0,"delta":{"content":"Hello, this is an answer."},"finish_reason":null}],"usage":null})"),
      data_of(
          R"({"id":"chatcmpl_1","object":"chat.completion.chunk","created":1,"model":"gpt-6-sol","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null})"),
      data_of(
          R"({"id":"chatcmpl_1","object":"chat.completion.chunk","created":1,"model":"gpt-6-sol","choices":[],"usage":{"prompt_tokens":35,"completion_tokens":15,"total_tokens":50,"prompt_tokens_details":{"cached_tokens":10}}})"),
      data_of("[DONE]")};
}

inline std::vector<std::string> response_events() {
  return {
      data_of(R"({"type":"response.created","response":{"id":"resp_1","model":"gpt-6-sol"}})"),
      data_of(
          R"({"type":"response.output_item.added","output_index":0,"item":{"id":"msg_1","type":"message","role":"assistant","content":[]}})"),
      data_of(
          R"({"type":"response.content_part.added","output_index":0,"content_index":0,"part":{"type":"output_text","text":"","annotations":[]}})"),
      data_of(
          R"({"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"Hello, this is an answer."})"),
      data_of(
          R"({"type":"response.output_text.done","output_index":0,"content_index":0,"text":"Hello, this is an answer."})"),
      data_of(
          R"({"type":"response.content_part.done","output_index":0,"content_index":0,"part":{"type":"output_text","text":"Hello, this is an answer.","annotations":[]}})"),
      data_of(
          R"({"type":"response.output_item.done","output_index":0,"item":{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","text":"Hello, this is an answer.","annotations":[]}]}})"),
      data_of(
          R"({"type":"response.completed","response":{"id":"resp_1","status":"completed","model":"gpt-6-sol","output":[],"usage":{"input_tokens":35,"input_tokens_details":{"cached_tokens":10},"output_tokens":15,"total_tokens":50}}})")};
}

inline std::vector<std::string> whole_message_events() {
  auto events = message_events();
  events[0] = event(
      "message_start",
      R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":25,"cache_read_input_tokens":10,"output_tokens":1}}})");
  return events;
}

inline constexpr const char* kWholeMessage =
    R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[{"type":"text","text":"Hello, this is an answer."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":25,"cache_read_input_tokens":10,"output_tokens":15}})";

inline std::vector<TranslatedPair> translated_pairs() {
  return {
      {"ChatOverMessages", WireDialect::openai_chat, WireDialect::openai_responses, "/v1/chat/completions",
       R"({"model":"claude-sonnet-4-5","messages":[{"role":"user","content":"hi"}])",
       "POST /v1/messages HTTP/1.1\r\n", kWholeMessage, whole_message_events(), R"("prompt_tokens":35)",
       "data: [DONE]\n\n"},
      {"ResponsesOverMessages", WireDialect::openai_responses, WireDialect::openai_responses, "/v1/responses",
       R"({"model":"claude-sonnet-4-5","store":false,"input":"hi")", "POST /v1/messages HTTP/1.1\r\n",
       kWholeMessage, whole_message_events(), R"("input_tokens":35)", "response.completed"},
      {"MessagesOverResponses", WireDialect::anthropic_messages, WireDialect::openai_responses,
       "/v1/messages?beta=true",
       R"({"model":"gpt-6-sol","max_tokens":100,"messages":[{"role":"user","content":"hi"}])",
       "POST /v1/responses HTTP/1.1\r\n",
       R"({"id":"resp_1","object":"response","status":"completed","model":"gpt-6-sol","output":[{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","text":"Hello, this is an answer.","annotations":[]}]}],"usage":{"input_tokens":35,"input_tokens_details":{"cached_tokens":10},"output_tokens":15,"total_tokens":50}})",
       response_events(), R"("input_tokens":25)", "message_stop"},
      {"MessagesOverChat", WireDialect::anthropic_messages, WireDialect::openai_chat, "/v1/messages",
       R"({"model":"gpt-6-sol","max_tokens":100,"messages":[{"role":"user","content":"hi"}])",
       "POST /v1/chat/completions HTTP/1.1\r\n",
       R"({"id":"chatcmpl_1","object":"chat.completion","created":1,"model":"gpt-6-sol","choices":[{"index":0,"message":{"role":"assistant","content":"Hello, this is an answer."},"finish_reason":"stop"}],"usage":{"prompt_tokens":35,"completion_tokens":15,"total_tokens":50,"prompt_tokens_details":{"cached_tokens":10}}})",
       chat_events(), R"("input_tokens":25)", "message_stop"},
  };
}

}  // namespace relay::test
