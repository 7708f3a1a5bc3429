// Every shape in which a provider tells what was used: whole and as a stream, the same tokens and, to the
// nano-dollar, the same cost. All figures are computed by hand. With RELAY_PRINT_TABLES set it prints them.
#include "dialect/usage_reader.h"
#include "metering/cost.h"
#include "metering/price_table.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

namespace relay {
namespace usage_shapes_test {

constexpr auto kAnthropic = WireDialect::anthropic_messages;
constexpr auto kChat = WireDialect::openai_chat;
constexpr auto kCompletions = WireDialect::openai_completions;
constexpr auto kResponses = WireDialect::openai_responses;

/// Rates in nano-dollars a token: thousandths of a dollar for a million of them.
ModelPrice line(std::string model, std::string provider, std::string tier, std::int64_t over,
                TokenRates nano) {
  TokenRates pico;
  for (const auto& rate : kRateColumns) pico.*rate.of = nano.*rate.of * 1000;
  return {.model = std::move(model),
          .provider = std::move(provider),
          .tier = std::move(tier),
          .context_over = over,
          .rates = pico,
          .web_search_request = 10'000'000'000};
}

const PriceTable& prices() {
  static const PriceTable table({
      line("sonnet", "anthropic", "standard", 0, {3000, 3750, 6000, 300, 15'000}),
      line("sonnet", "anthropic", "standard", 200'000, {6000, 7500, 12'000, 600, 22'500}),
      line("sonnet", "anthropic", "batch", 0, {1500, 1875, 3000, 150, 7500}),
      line("opus", "anthropic", "standard", 0, {5000, 6250, 10'000, 500, 25'000}),
      line("opus", "anthropic", "fast", 0, {10'000, 12'500, 20'000, 1000, 50'000}),
      line("haiku", "anthropic", "standard", 0, {100, 125, 200, 10, 500}),
      line("haiku", "anthropic", "standard", 100'000, {500, 625, 1000, 50, 2500}),
      line("4o", "openai", "standard", 0, {2500, 2500, 0, 1250, 10'000}),
      line("4o", "openai", "priority", 0, {4250, 4250, 0, 2125, 17'000}),
      line("4o", "openai", "batch", 0, {1250, 1250, 0, 625, 5000}),
      line("o3", "openai", "standard", 0, {2000, 2000, 0, 500, 8000}),
      line("o3", "openai", "flex", 0, {1000, 1000, 0, 250, 4000}),
      line("5.4", "openai", "standard", 0, {2500, 2500, 0, 250, 15'000}),
      line("5.4", "openai", "standard", 272'000, {5000, 5000, 0, 500, 22'500}),
      line("sol", "openai", "standard", 0, {5000, 6250, 0, 500, 30'000}),
      line("audio", "openai", "standard", 0, {2500, 2500, 0, 2500, 10'000, 40'000, 0, 80'000}),
      line("live", "openai", "standard", 0, {4000, 4000, 0, 400, 16'000, 32'000, 500, 64'000}),
      line("image", "openai", "standard", 0, {5000, 5000, 0, 1250, 10'000, 0, 0, 0, 10'000, 40'000}),
      line("thinker", "openai", "standard", 0, {1000, 1000, 0, 100, 10'000, 0, 0, 0, 0, 0, 30'000}),
  });
  return table;
}

struct Shape {
  const char* name;
  WireDialect dialect;
  const char* model;
  const char* usage;  // its members; Anthropic's without the output
  const char* tier;   // of the answer; OpenAI
  Usage tokens;
  std::int64_t nano_usd;
  const char* items = "";  // of the output; Responses
  const char* status = "completed";
  std::int64_t output_beside = 0;  // of tokens.output_tokens, what the answer's own count leaves out
};

// clang-format off
const Shape kShapes[] = {
    {"plain", kAnthropic, "sonnet", R"("input_tokens":25)", "", {.input_tokens = 25, .output_tokens = 15}, 300'000},
    {"thinking, details of the output", kAnthropic, "sonnet", R"("input_tokens":100,"output_tokens_details":{"thinking_tokens":30})", "", {.input_tokens = 100, .output_tokens = 50, .reasoning_tokens = 30}, 1'050'000},
    {"cache of 5 minutes and of an hour", kAnthropic, "sonnet", R"("input_tokens":100,"cache_creation_input_tokens":300,"cache_read_input_tokens":1000,"cache_creation":{"ephemeral_5m_input_tokens":100,"ephemeral_1h_input_tokens":200})", "", {.input_tokens = 100, .cache_write_5m_tokens = 100, .cache_write_1h_tokens = 200, .cache_read_tokens = 1000, .output_tokens = 50}, 2'925'000},
    {"cache without a split: 5 minutes", kAnthropic, "sonnet", R"("input_tokens":10,"cache_creation_input_tokens":400,"cache_creation":null)", "", {.input_tokens = 10, .cache_write_5m_tokens = 400, .output_tokens = 10}, 1'680'000},
    {"server tools", kAnthropic, "sonnet", R"("input_tokens":100,"server_tool_use":{"web_search_requests":3,"web_fetch_requests":2})", "", {.input_tokens = 100, .output_tokens = 10, .web_search_requests = 3, .web_fetch_requests = 2}, 30'450'000},
    {"iterations and fields to come", kAnthropic, "sonnet", R"("input_tokens":100,"iterations":[{"type":"message","input_tokens":60,"output_tokens":4}],"later_tokens":7,"service_tier":"standard","speed":"standard","inference_geo":"global")", "", {.input_tokens = 100, .output_tokens = 10}, 450'000},
    {"a compaction beside the message", kAnthropic, "sonnet", R"("input_tokens":100,"iterations":[{"type":"compaction","input_tokens":50000,"output_tokens":500,"cache_creation_input_tokens":30,"cache_read_input_tokens":20,"cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":10}},{"type":"message","input_tokens":100,"output_tokens":10}])", "", {.input_tokens = 50'100, .cache_write_5m_tokens = 20, .cache_write_1h_tokens = 10, .cache_read_tokens = 20, .output_tokens = 510}, 158'091'000, "", "completed", 500},
    {"fast", kAnthropic, "opus", R"("input_tokens":100,"speed":"fast")", "", {.input_tokens = 100, .output_tokens = 10}, 1'500'000},
    {"fast, in the United States", kAnthropic, "opus", R"("input_tokens":100,"speed":"fast","inference_geo":"us")", "", {.input_tokens = 100, .output_tokens = 10}, 1'650'000},
    {"batch", kAnthropic, "sonnet", R"("input_tokens":100,"service_tier":"batch")", "", {.input_tokens = 100, .output_tokens = 10}, 225'000},
    {"priority has no price of its own", kAnthropic, "sonnet", R"("input_tokens":100,"service_tier":"priority")", "", {.input_tokens = 100, .output_tokens = 10}, 450'000},
    {"in the United States", kAnthropic, "sonnet", R"("input_tokens":100,"inference_geo":"us")", "", {.input_tokens = 100, .output_tokens = 10}, 495'000},
    {"a search in the United States", kAnthropic, "sonnet", R"("input_tokens":100,"inference_geo":"us","server_tool_use":{"web_search_requests":1})", "", {.input_tokens = 100, .output_tokens = 10, .web_search_requests = 1}, 10'495'000},
    {"100,000 tokens are not above", kAnthropic, "haiku", R"("input_tokens":50000,"cache_read_input_tokens":50000)", "", {.input_tokens = 50'000, .cache_read_tokens = 50'000, .output_tokens = 1000}, 6'000'000},
    {"above 100,000: the whole request", kAnthropic, "haiku", R"("input_tokens":60000,"cache_read_input_tokens":50000)", "", {.input_tokens = 60'000, .cache_read_tokens = 50'000, .output_tokens = 1000}, 35'000'000},
    {"above 200,000", kAnthropic, "sonnet", R"("input_tokens":200001)", "", {.input_tokens = 200'001, .output_tokens = 10}, 1'200'231'000},
    {"chat, tier default", kChat, "5.4", R"("prompt_tokens":100,"completion_tokens":10,"total_tokens":110,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0})", "default", {.input_tokens = 100, .output_tokens = 10}, 400'000},
    {"chat, details null", kChat, "5.4", R"("prompt_tokens":100,"completion_tokens":10,"prompt_tokens_details":null,"completion_tokens_details":null)", "", {.input_tokens = 100, .output_tokens = 10}, 400'000},
    {"chat, cached and reasoning", kChat, "5.4", R"("prompt_tokens":1000,"prompt_tokens_details":{"cached_tokens":400},"completion_tokens":500,"completion_tokens_details":{"reasoning_tokens":100})", "default", {.input_tokens = 600, .cache_read_tokens = 400, .output_tokens = 500, .reasoning_tokens = 100}, 9'100'000},
    {"chat, reasoning with a price of its own", kChat, "thinker", R"("prompt_tokens":100,"completion_tokens":50,"completion_tokens_details":{"reasoning_tokens":20})", "", {.input_tokens = 100, .output_tokens = 50, .reasoning_tokens = 20}, 1'000'000},
    {"chat, cache writes", kChat, "sol", R"("prompt_tokens":1000,"prompt_tokens_details":{"cached_tokens":300,"cache_write_tokens":200},"completion_tokens":100)", "", {.input_tokens = 500, .cache_write_5m_tokens = 200, .cache_read_tokens = 300, .output_tokens = 100}, 6'900'000},
    {"chat, audio both ways", kChat, "audio", R"("prompt_tokens":100,"prompt_tokens_details":{"audio_tokens":7},"completion_tokens":100,"completion_tokens_details":{"audio_tokens":10})", "", {.input_tokens = 93, .output_tokens = 90, .audio_input_tokens = 7, .audio_output_tokens = 10}, 2'212'500},
    {"chat, audio of a model without a price for it", kChat, "4o", R"("prompt_tokens":100,"prompt_tokens_details":{"audio_tokens":7},"completion_tokens":10,"completion_tokens_details":{"audio_tokens":4})", "", {.input_tokens = 93, .output_tokens = 6, .audio_input_tokens = 7, .audio_output_tokens = 4}, 350'000},
    {"chat, cached audio, said", kChat, "live", R"("prompt_tokens":100,"prompt_tokens_details":{"audio_tokens":60,"cached_tokens":30,"cached_tokens_details":{"text_tokens":5,"audio_tokens":25}},"completion_tokens":10)", "", {.input_tokens = 35, .cache_read_tokens = 5, .output_tokens = 10, .audio_input_tokens = 35, .audio_cache_read_tokens = 25}, 1'434'500},
    {"chat, cached audio, not said", kChat, "live", R"("prompt_tokens":100,"prompt_tokens_details":{"audio_tokens":90,"cached_tokens":30},"completion_tokens":10)", "", {.cache_read_tokens = 10, .output_tokens = 10, .audio_input_tokens = 70, .audio_cache_read_tokens = 20}, 2'414'000},
    {"chat, images both ways", kChat, "image", R"("prompt_tokens":100,"prompt_tokens_details":{"image_tokens":40},"completion_tokens":60,"completion_tokens_details":{"image_tokens":50})", "", {.input_tokens = 60, .output_tokens = 10, .image_input_tokens = 40, .image_output_tokens = 50}, 2'800'000},
    {"chat, predictions are inside", kChat, "4o", R"("prompt_tokens":100,"completion_tokens":100,"completion_tokens_details":{"accepted_prediction_tokens":20,"rejected_prediction_tokens":30})", "", {.input_tokens = 100, .output_tokens = 100, .accepted_prediction_tokens = 20, .rejected_prediction_tokens = 30}, 1'250'000},
    {"chat, priority", kChat, "4o", R"("prompt_tokens":100,"completion_tokens":10)", "priority", {.input_tokens = 100, .output_tokens = 10}, 595'000},
    {"chat, batch", kChat, "4o", R"("prompt_tokens":100,"completion_tokens":10)", "batch", {.input_tokens = 100, .output_tokens = 10}, 175'000},
    {"chat, flex", kChat, "o3", R"("prompt_tokens":100,"completion_tokens":10)", "flex", {.input_tokens = 100, .output_tokens = 10}, 140'000},
    {"chat, flex was asked for, default answered", kChat, "o3", R"("prompt_tokens":100,"completion_tokens":10)", "default", {.input_tokens = 100, .output_tokens = 10}, 280'000},
    {"completions", kCompletions, "4o", R"("prompt_tokens":100,"completion_tokens":10,"total_tokens":110)", "", {.input_tokens = 100, .output_tokens = 10}, 350'000},
    {"completions, cached", kCompletions, "4o", R"("prompt_tokens":100,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":40})", "", {.input_tokens = 60, .cache_read_tokens = 40, .output_tokens = 10}, 300'000},
    {"responses, cached and reasoning", kResponses, "5.4", R"("input_tokens":1000,"input_tokens_details":{"cached_tokens":400},"output_tokens":500,"output_tokens_details":{"reasoning_tokens":100},"total_tokens":1500)", "auto", {.input_tokens = 600, .cache_read_tokens = 400, .output_tokens = 500, .reasoning_tokens = 100}, 9'100'000},
    {"responses, cache writes", kResponses, "sol", R"("input_tokens":1000,"input_tokens_details":{"cached_tokens":300,"cache_write_tokens":200},"output_tokens":100)", "", {.input_tokens = 500, .cache_write_5m_tokens = 200, .cache_read_tokens = 300, .output_tokens = 100}, 6'900'000},
    {"responses, 272,000 tokens are not above", kResponses, "5.4", R"("input_tokens":272000,"output_tokens":1)", "", {.input_tokens = 272'000, .output_tokens = 1}, 680'015'000},
    {"responses above 272,000: the whole request", kResponses, "5.4", R"("input_tokens":300000,"input_tokens_details":{"cached_tokens":100000},"output_tokens":1000)", "", {.input_tokens = 200'000, .cache_read_tokens = 100'000, .output_tokens = 1000}, 1'072'500'000},
    {"responses, flex", kResponses, "o3", R"("input_tokens":100,"output_tokens":10)", "flex", {.input_tokens = 100, .output_tokens = 10}, 140'000},
    {"responses, two searches and a page opened", kResponses, "5.4", R"("input_tokens":100,"output_tokens":10)", "", {.input_tokens = 100, .output_tokens = 10, .web_search_requests = 2}, 20'400'000, R"({"type":"web_search_call","status":"completed","action":{"type":"search","query":"x"}},{"type":"web_search_call","status":"completed","action":{"type":"open_page","url":"x"}},{"type":"web_search_call","status":"completed"})"},
    {"responses, incomplete", kResponses, "5.4", R"("input_tokens":100,"output_tokens":10)", "", {.input_tokens = 100, .output_tokens = 10}, 400'000, "", "incomplete"},
    {"responses, failed", kResponses, "5.4", R"("input_tokens":100,"output_tokens":10)", "", {.input_tokens = 100, .output_tokens = 10}, 400'000, "", "failed"},
};
// clang-format on

std::string members(const Shape& shape) {
  auto text = std::string(R"("id":"x","model":")").append(shape.model).append("\"");
  if (*shape.tier != '\0') text.append(R"(,"service_tier":")").append(shape.tier).append("\"");
  return text;
}

std::string own_output(const Shape& shape) {
  return R"("output_tokens":)" + std::to_string(shape.tokens.output_tokens - shape.output_beside);
}

AnswerFacts whole(const Shape& shape, JsonIndex& json) {
  UsageReader reader(shape.dialect, json);
  auto usage = std::string(shape.usage);
  if (shape.dialect == kAnthropic) usage += "," + own_output(shape);
  reader.on_json("{" + members(shape) + R"(,"status":")" + shape.status + R"(","output":[)" + shape.items +
                 R"(],"usage":{)" + usage + "}}");
  return reader.finish();
}

/// `late`: what Anthropic's stream begins with is replaced by all that the message_delta carries.
AnswerFacts streamed(const Shape& shape, JsonIndex& json, bool late) {
  UsageReader reader(shape.dialect, json);
  const auto usage = std::string(shape.usage);
  const std::string first = R"("output_tokens":1)";
  if (shape.dialect == kAnthropic) {
    const auto output = own_output(shape);
    reader.on_event("message_start", R"({"type":"message_start","message":{)" + members(shape) +
                                         R"(,"usage":{)" + (late ? R"("input_tokens":9,)" : usage + ",") +
                                         first + "}}}");
    reader.on_event("message_delta", R"({"type":"message_delta","delta":{},"usage":{)" +
                                         (late ? usage + "," : R"("input_tokens":null,)") + output + "}}");
    reader.on_event("message_stop", R"({"type":"message_stop"})");
  } else if (shape.dialect == kResponses) {
    reader.on_event("response.created", R"({"type":"response.created","response":{)" + members(shape) + "}}");
    const std::string items = shape.items;
    for (std::size_t at = 0; at < items.size();) {
      const auto end = std::min(items.find(",{\"type\"", at), items.size());
      const auto item = items.substr(at, end - at);
      reader.on_event("response.output_item.added",
                      R"({"type":"response.output_item.added","item":)" + item + "}");
      reader.on_event("response.output_item.done",
                      R"({"type":"response.output_item.done","item":)" + item + "}");
      at = end + 1;
    }
    const auto name = std::string("response.") + shape.status;
    reader.on_event(name, R"({"type":")" + name + R"(","response":{)" + members(shape) + R"(,"status":")" +
                              shape.status + R"(","output":[)" + items + R"(],"usage":{)" + usage + "}}}");
  } else {
    reader.on_event("", "{" + members(shape) + R"(,"choices":[],"usage":null})");
    reader.on_event("", "{" + members(shape) + R"(,"choices":[],"usage":{)" + usage + "}}");
    reader.on_event("", "[DONE]");
  }
  return reader.finish();
}

NanoUsd cost_by_table(const AnswerFacts& facts, const std::string& model) {
  UsageRecordView record;
  record.usage = facts.usage;
  record.model = model;
  record.mode = {facts.mode.service_tier, facts.mode.speed, facts.mode.inference_geo};
  EXPECT_TRUE(prices().price(record));
  EXPECT_EQ(record.charge_nano_usd, record.cost_nano_usd);
  return record.cost_nano_usd;
}

void print(const char* name, const Usage& usage, NanoUsd cost) {
  if (std::getenv("RELAY_PRINT_TABLES") == nullptr) return;
  std::string tokens;
  for (const auto& count : kUsageCounts) {
    if (usage.*count.of == 0) continue;
    tokens += (tokens.empty() ? "" : ", ") + std::string(count.name) + " " + std::to_string(usage.*count.of);
  }
  std::printf("| %s | %s | %lld |\n", name, tokens.c_str(), static_cast<long long>(cost));
}

TEST(UsageShapes, CostTheSameWholeAndAsAStream) {
  JsonIndex json;
  for (const auto& shape : kShapes) {
    SCOPED_TRACE(shape.name);
    for (const auto& facts :
         {whole(shape, json), streamed(shape, json, false), streamed(shape, json, true)}) {
      EXPECT_EQ(facts.usage, shape.tokens);
      EXPECT_TRUE(facts.input_reported);
      EXPECT_FALSE(facts.estimated);
      EXPECT_EQ(facts.complete, std::string_view(shape.status) != "failed");
      EXPECT_EQ(cost_by_table(facts, shape.model), shape.nano_usd);
    }
    print(shape.name, shape.tokens, shape.nano_usd);
  }
}

/// Streams that end early, or end in an error.
struct Ending {
  const char* name;
  WireDialect dialect;
  const char* model;
  std::vector<std::pair<std::string, std::string>> events;
  Usage tokens;
  bool estimated;
  bool complete;
  const char* error_type;
  std::int64_t nano_usd;
};

std::vector<Ending> endings() {
  const std::pair<std::string, std::string> start{
      "message_start", R"({"message":{"id":"x","usage":{"input_tokens":25,"output_tokens":3}}})"};
  const std::pair<std::string, std::string> text{
      "content_block_delta", R"({"delta":{"type":"text_delta","text":")" + std::string(400, 'x') + R"("}})"};
  const std::pair<std::string, std::string> error{
      "error", R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"};
  const auto delta = [](const std::string& usage) {
    return std::pair<std::string, std::string>("message_delta", R"({"delta":{},"usage":)" + usage + "}");
  };
  const std::string forty(40, 'x');
  const std::pair<std::string, std::string> chunk{
      "",
      R"({"id":"x","choices":[{"index":0,"delta":{"content":")" + forty + R"("},"finish_reason":null}]})"};
  // clang-format off
  return {
      {"cut in the text: its size by 4", kAnthropic, "sonnet", {start, text}, {.input_tokens = 25, .output_tokens = 100}, true, false, "", 1'575'000},
      {"cut before any text: what was seen", kAnthropic, "sonnet", {start}, {.input_tokens = 25, .output_tokens = 3}, true, false, "", 120'000},
      {"cut behind message_delta: not estimated", kAnthropic, "sonnet", {start, delta(R"({"output_tokens":15})")}, {.input_tokens = 25, .output_tokens = 15}, false, false, "", 300'000},
      {"an advisor, which is another model", kAnthropic, "sonnet", {start, delta(R"({"output_tokens":50,"iterations":[{"type":"advisor_message","model":"opus","input_tokens":75,"output_tokens":10}]})"), {"message_stop", "{}"}}, {.input_tokens = 100, .output_tokens = 60}, true, true, "", 1'200'000},
      {"two message_delta: the last, never the sum", kAnthropic, "sonnet", {start, delta(R"({"output_tokens":20})"), delta(R"({"output_tokens":50,"input_tokens":30})"), {"message_stop", "{}"}}, {.input_tokens = 30, .output_tokens = 50}, false, true, "", 840'000},
      {"an error behind the text", kAnthropic, "sonnet", {start, text, error}, {.input_tokens = 25, .output_tokens = 100}, true, false, "overloaded_error", 1'575'000},
      {"an error behind a 200, alone", kAnthropic, "sonnet", {error}, {}, false, false, "overloaded_error", 0},
      {"chat, cut (the caller estimates the input)", kChat, "5.4", {chunk, chunk}, {.output_tokens = 20}, true, false, "", 300'000},
      {"chat, ended without usage", kChat, "5.4", {chunk, {"", "[DONE]"}}, {.output_tokens = 10}, true, true, "", 150'000},
      {"responses, cut", kResponses, "5.4", {{"response.output_text.delta", R"({"type":"response.output_text.delta","delta":")" + forty + R"("})"}}, {.output_tokens = 10}, true, false, "", 150'000},
      {"responses, an error event", kResponses, "5.4", {{"error", R"({"type":"error","code":"rate_limit_exceeded","message":"x"})"}}, {}, false, false, "rate_limit_exceeded", 0},
  };
  // clang-format on
}

TEST(UsageShapes, EndingsOfStreams) {
  JsonIndex json;
  for (const auto& ending : endings()) {
    SCOPED_TRACE(ending.name);
    UsageReader reader(ending.dialect, json);
    for (const auto& [name, data] : ending.events) reader.on_event(name, data);
    const auto& facts = reader.finish();
    EXPECT_EQ(facts.usage, ending.tokens);
    EXPECT_EQ(facts.estimated, ending.estimated);
    EXPECT_EQ(facts.complete, ending.complete);
    EXPECT_EQ(facts.error_type, ending.error_type);
    EXPECT_EQ(cost_by_table(facts, ending.model), ending.nano_usd);
    print(ending.name, ending.tokens, ending.nano_usd);
  }
}

TEST(UsageShapes, AModelWithoutAPriceIsSaidToBeUnpriced) {
  UsageRecordView record;
  record.usage.input_tokens = 1;
  record.model = record.requested_model = "unheard-of";
  EXPECT_FALSE(prices().price(record));
  EXPECT_FALSE(record.priced);
  record.cached = true;
  EXPECT_TRUE(prices().price(record)) << "what the relay's own cache answered costs nothing";
  record.model = "sonnet";
  EXPECT_TRUE(prices().price(record));
  EXPECT_EQ(record.cost_nano_usd, 0);
}

}  // namespace usage_shapes_test
}  // namespace relay
