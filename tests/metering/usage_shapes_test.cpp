// Every shape in which a provider tells what was used: whole and as a stream, the same tokens and, to the
// nano-dollar, the same cost. Costs are computed by hand, in millionths of a dollar.
#include "dialect/usage_reader.h"
#include "metering/cost.h"
#include "metering/price_table.h"

#include <gtest/gtest.h>

namespace relay {
namespace usage_shapes_test {

constexpr auto kAnthropic = WireDialect::anthropic_messages;
constexpr auto kChat = WireDialect::openai_chat;
constexpr auto kCompletions = WireDialect::openai_completions;
constexpr auto kResponses = WireDialect::openai_responses;

/// Rates in nano-dollars a token: thousandths of a dollar for a million of them.
ModelPrice line(std::string model, std::string provider, std::string tier, std::int64_t over,
                TokenRates nano) {
  const TokenRates pico{.input = nano.input * 1000,
                        .cache_write_5m = nano.cache_write_5m * 1000,
                        .cache_write_1h = nano.cache_write_1h * 1000,
                        .cache_read = nano.cache_read * 1000,
                        .output = nano.output * 1000};
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
      line("sonnet", "anthropic", "batch", 0, {1500, 1875, 3000, 150, 7500}),
      line("opus", "anthropic", "standard", 0, {5000, 6250, 10'000, 500, 25'000}),
      line("opus", "anthropic", "fast", 0, {10'000, 12'500, 20'000, 1000, 50'000}),
      line("haiku", "anthropic", "standard", 0, {100, 125, 200, 10, 500}),
      line("haiku", "anthropic", "standard", 100'000, {500, 625, 1000, 50, 2500}),
      line("4o", "openai", "standard", 0, {2500, 0, 0, 1250, 10'000}),
      line("4o", "openai", "priority", 0, {4250, 0, 0, 2125, 17'000}),
      line("o3", "openai", "flex", 0, {1000, 0, 0, 250, 4000}),
      line("5.4", "openai", "standard", 0, {2500, 0, 0, 250, 15'000}),
      line("5.4", "openai", "standard", 272'000, {5000, 0, 0, 500, 22'500}),
      line("sol", "openai", "standard", 0, {5000, 6250, 0, 500, 30'000}),
  });
  return table;
}

struct Shape {
  const char* name;
  WireDialect dialect;
  const char* model;
  const char* usage;  // its members but for the output of Anthropic
  std::int64_t output;
  const char* tier;  // of the answer; OpenAI
  std::int64_t micro_usd;
};

constexpr Shape kShapes[] = {
    {"plain", kAnthropic, "sonnet", R"("input_tokens":25)", 15, "", 25 * 3 + 15 * 15},
    {"cache of 5 minutes and of an hour", kAnthropic, "sonnet",
     R"("input_tokens":100,"cache_creation_input_tokens":300,"cache_read_input_tokens":1000,"cache_creation":{"ephemeral_5m_input_tokens":100,"ephemeral_1h_input_tokens":200})",
     50, "", 300 + 375 + 1200 + 300 + 750},
    {"cache without a split", kAnthropic, "sonnet", R"("input_tokens":10,"cache_creation_input_tokens":400)",
     10, "", 30 + 1500 + 150},
    {"server tools", kAnthropic, "sonnet",
     R"("input_tokens":100,"server_tool_use":{"web_search_requests":3,"web_fetch_requests":2})", 10, "",
     300 + 150 + 30'000},
    {"fast", kAnthropic, "opus", R"("input_tokens":100,"speed":"fast")", 10, "", 1000 + 500},
    {"batch", kAnthropic, "sonnet", R"("input_tokens":100,"service_tier":"batch")", 10, "", 150 + 75},
    {"priority has no price of its own", kAnthropic, "sonnet",
     R"("input_tokens":100,"service_tier":"priority")", 10, "", 300 + 150},
    {"in the United States", kAnthropic, "sonnet", R"("input_tokens":100,"inference_geo":"us")", 10, "", 495},
    {"long context prices the whole request", kAnthropic, "haiku",
     R"("input_tokens":60000,"cache_read_input_tokens":50000)", 1000, "", 30'000 + 2500 + 2500},
    {"chat, cached and reasoning", kChat, "5.4",
     R"("prompt_tokens":1000,"prompt_tokens_details":{"cached_tokens":400},"completion_tokens":500,"completion_tokens_details":{"reasoning_tokens":100})",
     500, "default", 1500 + 100 + 7500},
    {"chat, cache writes", kChat, "sol",
     R"("prompt_tokens":1000,"prompt_tokens_details":{"cached_tokens":300,"cache_write_tokens":200},"completion_tokens":100)",
     100, "", 2500 + 150 + 1250 + 3000},
    {"chat, audio and predictions are inside", kChat, "4o",
     R"("prompt_tokens":100,"prompt_tokens_details":{"audio_tokens":7},"completion_tokens":100,"completion_tokens_details":{"audio_tokens":10,"accepted_prediction_tokens":20,"rejected_prediction_tokens":30})",
     100, "", 250 + 1000},
    {"chat, priority", kChat, "4o", R"("prompt_tokens":100,"completion_tokens":10)", 10, "priority",
     425 + 170},
    {"chat, flex", kChat, "o3", R"("prompt_tokens":100,"completion_tokens":10)", 10, "flex", 100 + 40},
    {"completions", kCompletions, "4o", R"("prompt_tokens":100,"completion_tokens":10)", 10, "", 250 + 100},
    {"responses", kResponses, "5.4",
     R"("input_tokens":1000,"input_tokens_details":{"cached_tokens":400},"output_tokens":500,"output_tokens_details":{"reasoning_tokens":100})",
     500, "", 1500 + 100 + 7500},
    {"responses over 272,000 tokens", kResponses, "5.4",
     R"("input_tokens":300000,"input_tokens_details":{"cached_tokens":100000},"output_tokens":1000)", 1000,
     "", 1'000'000 + 50'000 + 22'500},
};

std::string members(const Shape& shape) {
  auto text = std::string(R"("id":"x","model":")").append(shape.model).append("\"");
  if (*shape.tier != '\0') text.append(R"(,"service_tier":")").append(shape.tier).append("\"");
  return text;
}

AnswerFacts whole(const Shape& shape, JsonIndex& json) {
  UsageReader reader(shape.dialect, json);
  auto usage = std::string(shape.usage);
  if (shape.dialect == kAnthropic) usage += R"(,"output_tokens":)" + std::to_string(shape.output);
  reader.on_json("{" + members(shape) + R"(,"status":"completed","usage":{)" + usage + "}}");
  return reader.finish();
}

AnswerFacts streamed(const Shape& shape, JsonIndex& json) {
  UsageReader reader(shape.dialect, json);
  const auto usage = std::string(shape.usage);
  if (shape.dialect == kAnthropic) {
    reader.on_event("message_start", R"({"type":"message_start","message":{)" + members(shape) +
                                         R"(,"usage":{)" + usage + R"(,"output_tokens":1}}})");
    reader.on_event("message_delta", R"({"type":"message_delta","delta":{},"usage":{"output_tokens":)" +
                                         std::to_string(shape.output) + "}}");
    reader.on_event("message_stop", R"({"type":"message_stop"})");
  } else if (shape.dialect == kResponses) {
    reader.on_event("response.created", R"({"type":"response.created","response":{)" + members(shape) + "}}");
    reader.on_event("response.completed", R"({"type":"response.completed","response":{)" + members(shape) +
                                              R"(,"status":"completed","usage":{)" + usage + "}}}");
  } else {
    reader.on_event("", "{" + members(shape) + R"(,"choices":[],"usage":null})");
    reader.on_event("", "{" + members(shape) + R"(,"choices":[],"usage":{)" + usage + "}}");
    reader.on_event("", "[DONE]");
  }
  return reader.finish();
}

void expect_cost(const AnswerFacts& facts, const Shape& shape) {
  EXPECT_EQ(facts.usage.output_tokens, shape.output) << shape.name;
  EXPECT_TRUE(facts.input_reported) << shape.name;
  EXPECT_FALSE(facts.estimated) << shape.name;
  UsageRecordView record;
  record.usage = facts.usage;
  record.model = facts.model;
  record.mode = {facts.mode.service_tier, facts.mode.speed, facts.mode.inference_geo};
  EXPECT_TRUE(prices().price(record)) << shape.name;
  EXPECT_EQ(record.cost_nano_usd, shape.micro_usd * 1000) << shape.name;
}

TEST(UsageShapes, CostTheSameWholeAndAsAStream) {
  JsonIndex json;
  for (const auto& shape : kShapes) {
    const auto plain = whole(shape, json);
    const auto stream = streamed(shape, json);
    expect_cost(plain, shape);
    expect_cost(stream, shape);
    EXPECT_EQ(plain.usage, stream.usage) << shape.name;
    EXPECT_TRUE(stream.complete) << shape.name;
  }
}

TEST(UsageShapes, AModelWithoutAPriceIsSaidToBeUnpriced) {
  UsageRecordView record;
  record.usage.input_tokens = 1;
  record.model = record.requested_model = "unheard-of";
  EXPECT_FALSE(prices().price(record));
  EXPECT_FALSE(record.priced);
}

}  // namespace usage_shapes_test
}  // namespace relay
