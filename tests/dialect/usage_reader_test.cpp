#include "dialect/usage_reader.h"

#include "http/sse_scanner.h"

#include <gtest/gtest.h>

#include <string>

namespace relay {
namespace usage_reader_test {

AnswerFacts read_stream(WireDialect dialect, std::string_view stream, std::size_t piece_bytes) {
  JsonIndex json;
  UsageReader reader(dialect, json);
  SseScanner scanner;
  for (std::size_t at = 0; at < stream.size(); at += piece_bytes) {
    const std::string piece(stream.substr(at, piece_bytes));
    scanner.feed(piece, [&](std::string_view name, std::string_view data) { reader.on_event(name, data); });
  }
  return reader.finish();
}

void expect_same(const AnswerFacts& a, const AnswerFacts& b) {
  EXPECT_EQ(a.usage, b.usage);
  EXPECT_EQ(a.mode, b.mode);
  EXPECT_EQ(a.model, b.model);
  EXPECT_EQ(a.message_id, b.message_id);
  EXPECT_EQ(a.stop_reason, b.stop_reason);
  EXPECT_EQ(a.error_type, b.error_type);
  EXPECT_EQ(a.complete, b.complete);
  EXPECT_EQ(a.estimated, b.estimated);
  EXPECT_EQ(a.input_reported, b.input_reported);
}

/// The same in pieces of every kind.
AnswerFacts stream(WireDialect dialect, const std::string& text) {
  const auto whole = read_stream(dialect, text, text.size());
  for (const std::size_t piece : {1U, 7U, 64U}) {
    const auto cut = read_stream(dialect, text, piece);
    expect_same(whole, cut);
    EXPECT_EQ(whole.emitted_text_bytes, cut.emitted_text_bytes);
  }
  return whole;
}

AnswerFacts whole(WireDialect dialect, std::string_view body) {
  JsonIndex json;
  UsageReader reader(dialect, json);
  reader.on_json(body);
  return reader.finish();
}

std::string event(const std::string& name, const std::string& data) {
  return "event: " + name + "\ndata: " + data + "\n\n";
}
std::string chunk(const std::string& data) { return "data: " + data + "\n\n"; }

constexpr auto kMessages = WireDialect::anthropic_messages;
constexpr auto kChat = WireDialect::openai_chat;
constexpr auto kCompletions = WireDialect::openai_completions;
constexpr auto kResponses = WireDialect::openai_responses;

const std::string kStart = event(
    "message_start",
    R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-opus-4-8","content":[],"stop_reason":null,"usage":{"input_tokens":10,"cache_creation_input_tokens":300,"cache_read_input_tokens":2000,"cache_creation":{"ephemeral_5m_input_tokens":100,"ephemeral_1h_input_tokens":200},"output_tokens":3,"service_tier":"standard","inference_geo":"us"}}})");

std::string text_delta(const std::string& text) {
  return event(
      "content_block_delta",
      R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":")" + text + R"("}})");
}

std::string message_delta(const std::string& usage) {
  return event("message_delta",
               R"({"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":)" +
                   usage + "}");
}

const std::string kStop = event("message_stop", R"({"type":"message_stop"})");

TEST(AnthropicUsage, StreamIsNonStream) {
  const auto streamed = stream(kMessages, kStart + event("ping", "{}") + text_delta("Hello") +
                                              message_delta(R"({"output_tokens":50})") + kStop);
  const auto plain =
      whole(kMessages, R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-opus-4-8",
    "content":[{"type":"text","text":"Hello"}],"stop_reason":"end_turn","usage":{"input_tokens":10,
    "cache_creation_input_tokens":300,"cache_read_input_tokens":2000,"cache_creation":{"ephemeral_5m_input_tokens":100,
    "ephemeral_1h_input_tokens":200},"output_tokens":50,"service_tier":"standard","inference_geo":"us"}})");
  expect_same(streamed, plain);
  EXPECT_EQ(streamed.usage, (Usage{.input_tokens = 10,
                                   .cache_write_5m_tokens = 100,
                                   .cache_write_1h_tokens = 200,
                                   .cache_read_tokens = 2000,
                                   .output_tokens = 50}));
  EXPECT_EQ(streamed.mode, (BillingMode{.service_tier = "standard", .speed = "", .inference_geo = "us"}));
  EXPECT_EQ(streamed.model, "claude-opus-4-8");
  EXPECT_EQ(streamed.message_id, "msg_1");
  EXPECT_EQ(streamed.stop_reason, "end_turn");
  EXPECT_TRUE(streamed.complete);
  EXPECT_FALSE(streamed.estimated);
  EXPECT_EQ(streamed.emitted_text_bytes, 5);
}

TEST(AnthropicUsage, ALaterEventReplacesWhatItCarriesAndNeverAdds) {
  const auto facts = stream(
      kMessages,
      kStart + message_delta(R"({"output_tokens":20})") +
          message_delta(
              R"({"input_tokens":12,"cache_read_input_tokens":null,"output_tokens":50,"server_tool_use":{"web_search_requests":2,"web_fetch_requests":1},"iterations":[{"input_tokens":9}]})") +
          kStop);
  EXPECT_EQ(facts.usage.input_tokens, 12);
  EXPECT_EQ(facts.usage.cache_read_tokens, 2000);
  EXPECT_EQ(facts.usage.cache_write_5m_tokens, 100);
  EXPECT_EQ(facts.usage.output_tokens, 50);
  EXPECT_EQ(facts.usage.web_search_requests, 2);
  EXPECT_EQ(facts.usage.web_fetch_requests, 1);
}

TEST(AnthropicUsage, CacheWritesWithoutASplitAreFiveMinuteWrites) {
  EXPECT_EQ(whole(kMessages, R"({"usage":{"cache_creation_input_tokens":300}})").usage.cache_write_5m_tokens,
            300);
  const auto risen = whole(kMessages, R"({"usage":{"cache_creation_input_tokens":350,
    "cache_creation":{"ephemeral_5m_input_tokens":100,"ephemeral_1h_input_tokens":200}}})");
  EXPECT_EQ(risen.usage.cache_write_5m_tokens, 150);
  EXPECT_EQ(risen.usage.cache_write_1h_tokens, 200);
}

TEST(AnthropicUsage, ACutStreamIsEstimatedFromItsText) {
  const auto long_cut = stream(kMessages, kStart + text_delta(std::string(400, 'x')) + text_delta("yy"));
  EXPECT_EQ(long_cut.usage.output_tokens, 101);
  EXPECT_TRUE(long_cut.estimated);
  EXPECT_FALSE(long_cut.complete);
  EXPECT_EQ(long_cut.usage.input_tokens, 10);
  const auto short_cut = stream(kMessages, kStart);
  EXPECT_EQ(short_cut.usage.output_tokens, 3);
  EXPECT_TRUE(short_cut.estimated);
  const auto before_the_stop = stream(kMessages, kStart + message_delta(R"({"output_tokens":50})"));
  EXPECT_EQ(before_the_stop.usage.output_tokens, 50);
  EXPECT_FALSE(before_the_stop.estimated);
  EXPECT_FALSE(before_the_stop.complete);
}

TEST(AnthropicUsage, MeasuresEveryKindOfDelta) {
  const auto delta = [](const std::string& inner) {
    return stream(kMessages, event("content_block_delta",
                                   R"({"type":"content_block_delta","index":0,"delta":)" + inner + "}"))
        .emitted_text_bytes;
  };
  EXPECT_EQ(delta(R"({"type":"text_delta","text":"Hello"})"), 5);
  EXPECT_EQ(delta(R"({"text":"Hello","type":"text_delta"})"), 5);
  EXPECT_EQ(delta(R"({ "type" : "text_delta", "text" : "Hello" })"), 5);
  EXPECT_EQ(delta(R"({"type":"text_delta","text":"a\"b\\","more":{"text":"zzz"}})"), 4);
  EXPECT_EQ(delta(R"({"type":"text_delta","text":"\u00e4\ud83d\ude00\n"})"), 7);
  EXPECT_EQ(delta(R"({"type":"thinking_delta","thinking":"abc"})"), 3);
  EXPECT_EQ(delta(R"({"type":"input_json_delta","partial_json":"{\"a\":"})"), 5);
  EXPECT_EQ(delta(R"({"type":"signature_delta","signature":"zzzzzz"})"), 0);
  EXPECT_EQ(delta(R"({"type":"new_delta","stuff":1})"), 0);
  EXPECT_EQ(delta("nonsense"), 0);
}

TEST(AnthropicUsage, AnErrorBehindA200) {
  const auto facts = stream(
      kMessages,
      kStart + text_delta("abcd") +
          event("error", R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})") +
          kStop);
  EXPECT_EQ(facts.error_type, "overloaded_error");
  EXPECT_FALSE(facts.complete);
  EXPECT_TRUE(facts.estimated);
  EXPECT_EQ(facts.usage.input_tokens, 10);
  const auto first =
      stream(kMessages, event("error", R"({"type":"error","error":{"type":"overloaded_error"}})"));
  EXPECT_EQ(first.usage, Usage());
  EXPECT_FALSE(first.estimated);
}

TEST(AnthropicUsage, AnErrorBehindTheEndIsAnError) {
  const auto facts =
      stream(kMessages, kStart + message_delta(R"({"output_tokens":50})") + kStop +
                            event("error", R"({"type":"error","error":{"type":"api_error"}})"));
  EXPECT_FALSE(facts.complete);
  EXPECT_EQ(facts.error_type, "api_error");
}

TEST(AnthropicUsage, ReadsStreamsWithoutEventLines) {
  std::string bare;
  for (const auto& named : {kStart, text_delta("Hello"), message_delta(R"({"output_tokens":50})"), kStop}) {
    bare += named.substr(named.find('\n') + 1);
  }
  const auto facts = stream(kMessages, bare);
  EXPECT_EQ(facts.usage.output_tokens, 50);
  EXPECT_EQ(facts.emitted_text_bytes, 5);
  EXPECT_TRUE(facts.complete);
}

TEST(AnthropicUsage, NonsenseIsClampedAndOtherTypesAreAbsent) {
  const auto facts = whole(kMessages, R"({"usage":{"input_tokens":-5,"output_tokens":99999999999999999999,
    "cache_read_input_tokens":"7","cache_creation_input_tokens":9223372036854775807,"output_tokens_details":[]}})");
  EXPECT_EQ(facts.usage.input_tokens, 0);
  EXPECT_EQ(facts.usage.cache_read_tokens, 0);
  EXPECT_EQ(facts.usage.cache_write_5m_tokens, 1'000'000'000'000);
  EXPECT_EQ(facts.usage.output_tokens, 0);
}

TEST(AnthropicUsage, ACutBodyIsEstimatedAndAnErrorBodyUsesNothing) {
  const auto cut = whole(kMessages, R"({"id":"msg_1","content":[{"type":"text","text":"Hel)");
  EXPECT_TRUE(cut.estimated);
  EXPECT_FALSE(cut.complete);
  EXPECT_GT(cut.usage.output_tokens, 0);
  JsonIndex json;
  UsageReader refused(kMessages, json);
  refused.on_error(R"({"type":"error","error":{"type":"rate_limit_error","message":"slow down"}})");
  EXPECT_EQ(refused.finish().error_type, "rate_limit_error");
  EXPECT_EQ(refused.facts().usage, Usage());
  EXPECT_FALSE(refused.facts().estimated);
  UsageReader page(kMessages, json);
  page.on_error("<html>Bad gateway</html>");
  EXPECT_EQ(page.finish().error_type, "error");
  EXPECT_EQ(page.facts().usage, Usage());
}

const std::string kChatUsage =
    R"({"prompt_tokens":1000,"completion_tokens":60,"total_tokens":1060,"prompt_tokens_details":{"cached_tokens":600,"cache_write_tokens":300,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":20}})";

std::string chat_chunk(const std::string& delta, const std::string& finish, const std::string& tail) {
  return chunk(
      R"({"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4o","service_tier":"default","choices":[{"index":0,"delta":)" +
      delta + R"(,"logprobs":null,"finish_reason":)" + finish + "}]" + tail + "}");
}

TEST(OpenAiChatUsage, StreamIsNonStream) {
  const auto streamed = stream(
      kChat,
      chat_chunk(R"({"role":"assistant","content":""})", "null", R"(,"usage":null)") +
          chat_chunk(R"({"content":"Hel"})", "null", R"(,"usage":null)") +
          chat_chunk(R"({"content":"lo"})", "null", "") + chat_chunk("{}", R"("stop")", R"(,"usage":null)") +
          chunk(R"({"id":"chatcmpl-1","model":"gpt-4o","service_tier":"default","choices":[],"usage":)" +
                kChatUsage + "}") +
          chunk("[DONE]"));
  const auto plain =
      whole(kChat, R"({"id":"chatcmpl-1","model":"gpt-4o","service_tier":"default","choices":[{"index":0,
    "message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"usage":)" +
                       kChatUsage + "}");
  expect_same(streamed, plain);
  EXPECT_EQ(streamed.usage, (Usage{.input_tokens = 100,
                                   .cache_write_5m_tokens = 300,
                                   .cache_read_tokens = 600,
                                   .output_tokens = 60,
                                   .reasoning_tokens = 20}));
  EXPECT_EQ(streamed.stop_reason, "stop");
  EXPECT_EQ(streamed.mode.service_tier, "default");
  EXPECT_TRUE(streamed.complete);
  EXPECT_FALSE(streamed.estimated);
  EXPECT_EQ(streamed.emitted_text_bytes, 5);
  EXPECT_EQ(plain.emitted_text_bytes, 5);
}

TEST(OpenAiChatUsage, WithoutUsageTheTextIsEstimated) {
  const auto facts = stream(
      kChat,
      chat_chunk(R"({"content":"x"})", "null", "") + chat_chunk(R"({"content":"12345678901"})", "null", "") +
          chat_chunk(R"({"tool_calls":[{"index":0,"function":{"name":"get","arguments":"{\"a\":1}"}}]})",
                     R"("tool_calls")", "") +
          chunk("[DONE]"));
  EXPECT_EQ(facts.emitted_text_bytes, 1 + 11 + 3 + 7);
  EXPECT_EQ(facts.usage.output_tokens, 6);
  EXPECT_TRUE(facts.estimated);
  EXPECT_FALSE(facts.input_reported);
  EXPECT_TRUE(facts.complete);
}

TEST(OpenAiChatUsage, UsageBesideTextIsNotOverlooked) {
  for (const std::string usage : {R"(,"usage":{"prompt_tokens":5,"completion_tokens":2})",
                                  R"(, "usage" : {"prompt_tokens":5,"completion_tokens":2})"}) {
    const auto facts = stream(kChat, chat_chunk(R"({"content":"x"})", "null", "") +
                                         chat_chunk(R"({"content":"y"})", "null", usage));
    EXPECT_EQ(facts.usage.output_tokens, 2);
    EXPECT_EQ(facts.usage.input_tokens, 5);
    EXPECT_EQ(facts.emitted_text_bytes, 2);
    EXPECT_FALSE(facts.complete);
  }
}

TEST(OpenAiChatUsage, TextThatLooksLikeUsageIsText) {
  const auto facts =
      stream(kChat, chat_chunk(R"({"content":"x"})", "null", "") +
                        chat_chunk(R"({"content":"\"usage\":{\"prompt_tokens\":5}"})", "null", ""));
  EXPECT_FALSE(facts.input_reported);
  EXPECT_EQ(facts.emitted_text_bytes, 28);
}

TEST(OpenAiChatUsage, NonsenseIsClampedAtZero) {
  const auto facts = whole(
      kChat,
      R"({"usage":{"prompt_tokens":5,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":9}}})");
  EXPECT_EQ(facts.usage.input_tokens, 0);
  EXPECT_EQ(facts.usage.cache_read_tokens, 9);
}

TEST(OpenAiChatUsage, AnErrorBehindA200) {
  const auto facts =
      stream(kChat, chunk(R"({"error":{"message":"x","type":"server_error","param":null,"code":null}})") +
                        chunk("[DONE]"));
  EXPECT_EQ(facts.error_type, "server_error");
  EXPECT_FALSE(facts.complete);
  EXPECT_EQ(facts.usage, Usage());
  EXPECT_EQ(whole(kChat, R"({"error":{"type":"x","code":"insufficient_quota"}})").error_type,
            "insufficient_quota");
}

TEST(OpenAiCompletionsUsage, StreamIsNonStream) {
  const auto piece = [](const std::string& text, const std::string& finish) {
    return chunk(R"({"id":"cmpl-1","object":"text_completion","created":1,"choices":[{"text":")" + text +
                 R"(","index":0,"logprobs":null,"finish_reason":)" + finish +
                 R"(}],"model":"codex-mini-latest"})");
  };
  const std::string usage = R"("usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9})";
  const auto streamed = stream(
      kCompletions, piece("Hel", "null") + piece("lo", "null") + piece("", R"("stop")") +
                        chunk(R"({"id":"cmpl-1","choices":[],"model":"codex-mini-latest",)" + usage + "}") +
                        chunk("[DONE]"));
  const auto plain =
      whole(kCompletions, R"({"id":"cmpl-1","model":"codex-mini-latest","choices":[{"text":"Hello","index":0,
    "finish_reason":"stop"}],)" +
                              usage + "}");
  expect_same(streamed, plain);
  EXPECT_EQ(streamed.usage, (Usage{.input_tokens = 7, .output_tokens = 2}));
  EXPECT_EQ(streamed.emitted_text_bytes, 5);
  EXPECT_TRUE(streamed.complete);
}

std::string response(const std::string& status, const std::string& more) {
  return R"({"id":"resp_1","object":"response","status":")" + status +
         R"(","model":"gpt-5.5","service_tier":"flex","output":[{"type":"message","content":[{"type":"output_text","text":"Hello"}]}])" +
         more + "}";
}

const std::string kResponsesUsage =
    R"(,"usage":{"input_tokens":1000,"input_tokens_details":{"cached_tokens":600,"cache_write_tokens":0},"output_tokens":60,"output_tokens_details":{"reasoning_tokens":20},"total_tokens":1060})";

TEST(OpenAiResponsesUsage, StreamIsNonStream) {
  const std::string delta =
      event("response.output_text.delta",
            R"({"type":"response.output_text.delta","sequence_number":4,"delta":"Hello"})");
  for (const bool named : {true, false}) {
    std::string text =
        event(
            "response.created",
            R"({"type":"response.created","response":{"id":"resp_1","status":"in_progress","model":"gpt-5.5","usage":null}})") +
        delta +
        event("response.completed",
              R"({"type":"response.completed","response":)" + response("completed", kResponsesUsage) + "}");
    if (!named) {
      for (std::size_t at = 0; (at = text.find("event: ", at)) != std::string::npos;)
        text.erase(at, text.find('\n', at) + 1 - at);
    }
    const auto streamed = stream(kResponses, text);
    expect_same(streamed, whole(kResponses, response("completed", kResponsesUsage)));
    EXPECT_EQ(
        streamed.usage,
        (Usage{.input_tokens = 400, .cache_read_tokens = 600, .output_tokens = 60, .reasoning_tokens = 20}));
    EXPECT_EQ(streamed.message_id, "resp_1");
    EXPECT_EQ(streamed.model, "gpt-5.5");
    EXPECT_EQ(streamed.mode.service_tier, "flex");
    EXPECT_EQ(streamed.stop_reason, "completed");
    EXPECT_TRUE(streamed.complete);
    EXPECT_EQ(streamed.emitted_text_bytes, 5);
  }
}

TEST(OpenAiResponsesUsage, IncompleteAndFailedCarryUsage) {
  const auto incomplete = stream(
      kResponses, event("response.incomplete",
                        R"({"type":"response.incomplete","response":)" +
                            response("incomplete", R"(,"incomplete_details":{"reason":"max_output_tokens"})" +
                                                       kResponsesUsage) +
                            "}"));
  EXPECT_EQ(incomplete.stop_reason, "max_output_tokens");
  EXPECT_TRUE(incomplete.complete);
  EXPECT_EQ(incomplete.usage.output_tokens, 60);
  const auto failed = stream(
      kResponses, event("response.failed",
                        R"({"type":"response.failed","response":)" +
                            response("failed", R"(,"error":{"code":"server_is_overloaded","message":"x"})" +
                                                   kResponsesUsage) +
                            "}"));
  EXPECT_EQ(failed.error_type, "server_is_overloaded");
  EXPECT_FALSE(failed.complete);
  EXPECT_EQ(failed.usage.output_tokens, 60);
  const auto nothing = stream(
      kResponses,
      event("response.failed", R"({"type":"response.failed","response":{"id":"resp_1","usage":null}})"));
  EXPECT_EQ(nothing.error_type, "response_failed");
  EXPECT_EQ(nothing.usage, Usage());
  EXPECT_FALSE(nothing.estimated);
}

TEST(OpenAiResponsesUsage, ACutStreamIsEstimated) {
  const auto deltas =
      stream(kResponses, event("response.function_call_arguments.delta", R"({"delta":"{\"a\":1}"})") +
                             event("response.audio.delta", R"({"delta":"AAAAAAAAAAAAAAAA"})"));
  EXPECT_EQ(deltas.emitted_text_bytes, 7);
  EXPECT_TRUE(deltas.estimated);
  const auto items =
      stream(kResponses,
             event("response.output_item.done",
                   R"({"item":{"type":"message","content":[{"type":"output_text","text":"Hello!!!"}]}})"));
  EXPECT_EQ(items.usage.output_tokens, 2);
  const auto error =
      stream(kResponses, event("error", R"({"type":"error","code":"rate_limit_exceeded","message":"x"})"));
  EXPECT_EQ(error.error_type, "rate_limit_exceeded");
  EXPECT_EQ(error.usage, Usage());
}

TEST(UsageReader, NonsenseOfAnyKindIsHarmless) {
  for (const auto dialect : {kMessages, kChat, kCompletions, kResponses}) {
    for (const std::string data :
         {"", "{", "[]", "null", "5", R"({"type":5})", R"({"usage":[]})", R"({"message":"x","delta":7})",
          R"({"choices":{"a":1},"response":[]})", R"({"type":"\ud800"})"}) {
      for (const std::string name : {"", "message_start", "message_delta", "error", "content_block_delta",
                                     "response.completed", "response.x.delta", "response.output_item.done"}) {
        JsonIndex json;
        UsageReader reader(dialect, json);
        reader.on_event(name, data);
        EXPECT_EQ(reader.finish().usage.input_tokens, 0);
      }
      whole(dialect, data);
    }
  }
}

}  // namespace usage_reader_test
}  // namespace relay
