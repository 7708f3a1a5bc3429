#include "metering/price_table.h"

#include "fakes/await.h"
#include "metering/cost.h"
#include "metering/records.h"
#include "store/store_under_test.h"

#include <gtest/gtest.h>

namespace relay {
namespace price_table_test {

using std::chrono::sys_days;
using namespace std::chrono_literals;

WallTime on(std::chrono::year_month_day date) {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(sys_days(date));
}

ModelPrice line(std::string model, PicoUsd input, WallTime from = {}, std::int64_t over = 0,
                std::string tier = "standard") {
  return {.model = std::move(model),
          .provider = "openai",
          .tier = std::move(tier),
          .context_over = over,
          .effective_from = from,
          .rates = {.input = input}};
}

PicoUsd input_price(const PriceTable& table, std::string_view model, std::string_view tier = "standard",
                    std::int64_t total_input = 1, WallTime at = on(2026y / 11 / 24)) {
  const auto* found = table.find(model, tier, total_input, at);
  return found == nullptr ? -1 : found->rates.input;
}

TEST(PriceTable, PrefersTheExactNameThenTheLongestPattern) {
  const PriceTable table(
      {line("gpt-5*", 1), line("gpt-5.1-*", 2), line("gpt-5.1-codex", 3), line("*-5.1-codex-x", 4)});
  EXPECT_EQ(input_price(table, "gpt-5-mini"), 1);
  EXPECT_EQ(input_price(table, "gpt-5.1-2026-01-01"), 2);
  EXPECT_EQ(input_price(table, "gpt-5.1-codex"), 3);
  EXPECT_EQ(input_price(table, "gpt-5.1-codex-x"), 4) << "the longer pattern, though its star is in front";
  EXPECT_EQ(input_price(table, "gpt-4"), -1);
  EXPECT_EQ(input_price(table, ""), -1);
}

TEST(PriceTable, TakesTheNewestLineInForce) {
  const PriceTable table(
      {line("m", 1, on(2026y / 1 / 1)), line("m", 2, on(2026y / 6 / 1)), line("m", 3, on(2027y / 1 / 1))});
  EXPECT_EQ(input_price(table, "m", "standard", 1, on(2025y / 12 / 31)), -1);
  EXPECT_EQ(input_price(table, "m", "standard", 1, on(2026y / 5 / 31)), 1);
  EXPECT_EQ(input_price(table, "m", "standard", 1, on(2026y / 6 / 1)), 2);
}

TEST(PriceTable, PricesTheWholeRequestAboveItsContextLine) {
  const PriceTable table({line("m", 1), line("m", 5, {}, 100), line("m", 9, {}, 1000)});
  EXPECT_EQ(input_price(table, "m", "standard", 100), 1);
  EXPECT_EQ(input_price(table, "m", "standard", 101), 5);
  EXPECT_EQ(input_price(table, "m", "standard", 5000), 9);
}

TEST(PriceTable, FallsBackToTheStandardPriceOfTheSameName) {
  const PriceTable table({line("m", 4), line("m", 2, {}, 0, "flex")});
  EXPECT_EQ(input_price(table, "m", "flex"), 2);
  EXPECT_EQ(input_price(table, "m", "priority"), 4);
}

TEST(PriceTable, LeavesAnUnknownModelUnpriced) {
  const PriceTable table({line("m", 1'000'000)});
  const auto owned = test::a_record(1);
  auto record = usage_record_as<UsageRecordView>(owned);
  EXPECT_FALSE(table.price(record));
  EXPECT_FALSE(record.priced);
  EXPECT_EQ(record.cost_nano_usd, 0);

  record.requested_model = "m";
  EXPECT_TRUE(table.price(record)) << "asked for under a known name";
  EXPECT_EQ(record.cost_nano_usd, 1'000'000);

  record.model = record.requested_model = "unknown";
  record.usage = {};
  EXPECT_TRUE(table.price(record)) << "nothing was used: an error costs nothing";
}

// spec: USD per million of input, 5-minute write, 1-hour write, cache read, output.
struct SeedLine {
  const char* model;
  const char* tier;
  std::int64_t total_input;
  double in, w5, w1, read, out;
};

class SeededPrices : public testing::TestWithParam<SeedLine> {};

const PriceTable& seeded() {
  static const PriceTable table([] {
    const auto store = test::store_makers().front().make();
    return test::await(store->prices().list()).value();
  }());
  return table;
}

TEST_P(SeededPrices, CostWhatTheProvidersPageSays) {
  const auto& want = GetParam();
  const auto* found = seeded().find(want.model, want.tier, want.total_input, on(2026y / 11 / 24));
  ASSERT_NE(found, nullptr) << want.model;
  // A million tokens of a kind at D dollars a million are D dollars: D * 1e9 nano-dollars.
  const auto dollars = [&](const Usage& usage) { return cost_of(usage, {}, *found); };
  const auto nano = [](double usd) { return static_cast<NanoUsd>(usd * 1e9 + 0.5); };
  EXPECT_EQ(dollars({.input_tokens = 1'000'000}), nano(want.in)) << want.model;
  EXPECT_EQ(dollars({.cache_write_5m_tokens = 1'000'000}), nano(want.w5)) << want.model;
  EXPECT_EQ(dollars({.cache_write_1h_tokens = 1'000'000}), nano(want.w1)) << want.model;
  EXPECT_EQ(dollars({.cache_read_tokens = 1'000'000}), nano(want.read)) << want.model;
  EXPECT_EQ(dollars({.output_tokens = 1'000'000}), nano(want.out)) << want.model;
  EXPECT_EQ(dollars({.web_search_requests = 1000}), found->provider == "anthropic" ? nano(10) : 0);
}

constexpr const char* kStd = "standard";
const SeedLine kSeed[] = {
    {"claude-fable-5-1", kStd, 1, 10, 12.5, 20, 0.25, 50},
    {"claude-mythos-5-1-20260901", kStd, 1, 10, 12.5, 20, 0.25, 50},
    {"claude-fable-5-20260301", kStd, 1, 10, 12.5, 20, 1, 50},
    {"claude-mythos-5", kStd, 1, 10, 12.5, 20, 1, 50},
    {"claude-opus-5-5", kStd, 1, 4, 5, 8, 0.20, 20},
    {"claude-opus-5-5", "fast", 1, 8, 10, 16, 0.40, 40},
    {"claude-opus-5", kStd, 1, 5, 6.25, 10, 0.5, 25},
    {"claude-opus-4-8", "fast", 1, 10, 12.5, 20, 1, 50},
    {"claude-opus-4-8-20260401", "batch", 1, 2.5, 3.125, 5, 0.25, 12.5},
    {"claude-opus-4-7", kStd, 1, 5, 6.25, 10, 0.5, 25},
    {"claude-opus-4-6", "fast", 1, 30, 37.5, 60, 3, 150},
    {"claude-opus-4-5-20251101", kStd, 1, 5, 6.25, 10, 0.5, 25},
    {"claude-opus-4-1-20250805", kStd, 1, 15, 18.75, 30, 1.5, 75},
    {"claude-opus-4-20250514", kStd, 1, 15, 18.75, 30, 1.5, 75},
    {"claude-3-opus-20240229", kStd, 1, 15, 18.75, 30, 1.5, 75},
    {"claude-sonnet-5-5", kStd, 1, 2, 2.5, 4, 0.10, 10},
    {"claude-sonnet-5", kStd, 1, 2, 2.5, 4, 0.20, 10},
    {"claude-sonnet-4-6", kStd, 1, 3, 3.75, 6, 0.3, 15},
    {"claude-sonnet-4-5-20250929", kStd, 300'000, 3, 3.75, 6, 0.3, 15},
    {"claude-sonnet-4-20250514", kStd, 1, 3, 3.75, 6, 0.3, 15},
    {"claude-3-7-sonnet-latest", kStd, 1, 3, 3.75, 6, 0.3, 15},
    {"claude-3-5-sonnet-20241022", kStd, 1, 3, 3.75, 6, 0.3, 15},
    {"claude-haiku-5-5", kStd, 100'000, 0.10, 0.125, 0.20, 0.01, 0.50},
    {"claude-haiku-5-5", kStd, 100'001, 0.50, 0.625, 1, 0.05, 2.50},
    {"claude-haiku-5-5-20260801", "batch", 100'001, 0.25, 0.3125, 0.5, 0.025, 1.25},
    {"claude-haiku-4-5-20251001", kStd, 1, 1, 1.25, 2, 0.10, 5},
    {"claude-3-5-haiku-20241022", kStd, 1, 0.80, 1, 1.6, 0.08, 4},
    {"claude-3-haiku-20240307", kStd, 1, 0.25, 0.30, 0.50, 0.03, 1.25},
    {"gpt-4o", kStd, 1, 2.5, 2.5, 2.5, 1.25, 10},
    {"gpt-4o-2024-08-06", "priority", 1, 4.25, 4.25, 4.25, 2.125, 17},
    {"gpt-4o-2024-11-20", "batch", 1, 1.25, 1.25, 1.25, 0.625, 5},
    {"gpt-4o-2024-05-13", kStd, 1, 5, 5, 5, 5, 15},
    {"gpt-4o-mini-2024-07-18", kStd, 1, 0.15, 0.15, 0.15, 0.075, 0.60},
    {"gpt-4o-mini", "priority", 1, 0.25, 0.25, 0.25, 0.125, 1},
    {"gpt-4.1-2025-04-14", kStd, 1, 2, 2, 2, 0.5, 8},
    {"gpt-4.1", "priority", 1, 3.5, 3.5, 3.5, 0.875, 14},
    {"gpt-4.1-mini", kStd, 1, 0.40, 0.40, 0.40, 0.10, 1.60},
    {"gpt-4.1-nano", "batch", 1, 0.05, 0.05, 0.05, 0.0125, 0.20},
    {"gpt-5-2025-08-07", kStd, 1, 1.25, 1.25, 1.25, 0.125, 10},
    {"gpt-5.1-codex-max", "flex", 1, 0.625, 0.625, 0.625, 0.0625, 5},
    {"gpt-5-chat-latest", "priority", 1, 2.5, 2.5, 2.5, 0.25, 20},
    {"gpt-5-mini", "priority", 1, 0.45, 0.45, 0.45, 0.045, 3.6},
    {"gpt-5.1-codex-mini", "flex", 1, 0.125, 0.125, 0.125, 0.0125, 1},
    {"gpt-5-nano", "flex", 1, 0.025, 0.025, 0.025, 0.0025, 0.20},
    {"gpt-5-pro", kStd, 1, 15, 15, 15, 15, 120},
    {"gpt-5-pro", "batch", 1, 7.5, 7.5, 7.5, 7.5, 60},
    {"gpt-5.3-codex", kStd, 1, 1.75, 1.75, 1.75, 0.175, 14},
    {"gpt-5.2", "priority", 1, 3.5, 3.5, 3.5, 0.35, 28},
    {"gpt-5.2-pro", kStd, 1, 21, 21, 21, 21, 168},
    {"gpt-5.4", kStd, 272'000, 2.5, 2.5, 2.5, 0.25, 15},
    {"gpt-5.4-2026-03-01", kStd, 272'001, 5, 5, 5, 0.5, 22.5},
    {"gpt-5.4-mini", kStd, 300'000, 0.75, 0.75, 0.75, 0.075, 4.5},
    {"gpt-5.4-nano", kStd, 1, 0.20, 0.20, 0.20, 0.02, 1.25},
    {"gpt-5.5", kStd, 1, 5, 5, 5, 0.5, 30},
    {"gpt-5.5", kStd, 272'001, 10, 10, 10, 1, 45},
    {"gpt-5.6-sol", kStd, 1, 5, 6.25, 6.25, 0.5, 30},
    {"gpt-5.6-terra", kStd, 1, 2, 2.5, 2.5, 0.2, 12},
    {"gpt-5.6-luna", kStd, 1, 0.2, 0.25, 0.25, 0.02, 1.2},
    {"gpt-6-sol", kStd, 1, 2, 2.5, 2.5, 0.2, 10},
    {"gpt-6-luna", kStd, 1, 0.1, 0.125, 0.125, 0.01, 0.5},
    {"codex-mini-latest", kStd, 1, 1.5, 1.5, 1.5, 0.375, 6},
    {"o3-2025-04-16", "flex", 1, 1, 1, 1, 0.25, 4},
    {"o4-mini", kStd, 1, 1.10, 1.10, 1.10, 0.275, 4.40},
    {"o3-mini", kStd, 1, 1.10, 1.10, 1.10, 0.55, 4.40},
    {"o1", kStd, 1, 15, 15, 15, 7.5, 60},
    {"o3-pro", kStd, 1, 20, 20, 20, 20, 80},
    {"text-embedding-3-small", kStd, 1, 0.02, 0.02, 0.02, 0.02, 0},
    {"text-embedding-3-large", "batch", 1, 0.065, 0.065, 0.065, 0.065, 0},
};
INSTANTIATE_TEST_SUITE_P(Spec, SeededPrices, testing::ValuesIn(kSeed));

TEST(PriceTable, KnowsWhenCacheReadsOfSonnetBecameCheaper) {
  const auto read_price = [](WallTime at) {
    return seeded().find("claude-sonnet-5-5", kStd, 1, at)->rates.cache_read;
  };
  EXPECT_EQ(read_price(on(2026y / 10 / 7) - 1ms), 200'000);
  EXPECT_EQ(read_price(on(2026y / 10 / 7)), 100'000);
}

TEST(PriceTable, DoesNotTakeTheNextModelForADatedName) {
  EXPECT_EQ(seeded().find("claude-opus-4-9", kStd, 1, on(2026y / 11 / 24)), nullptr);
  EXPECT_EQ(seeded().find("claude-opus-5-7", kStd, 1, on(2026y / 11 / 24)), nullptr);
  EXPECT_EQ(seeded().find("gpt-5-turbo", kStd, 1, on(2026y / 11 / 24)), nullptr);
}

TEST(PriceTable, CostsTheSameForAStreamAndForOneAnswer) {
  const auto streamed = test::a_record(1);
  const auto answered = test::a_record(2);
  auto stream = usage_record_as<UsageRecordView>(streamed);
  auto whole = usage_record_as<UsageRecordView>(answered);
  whole.streamed = false;
  for (std::int64_t tokens = 1; tokens < 1'000'000; tokens = tokens * 3 + 1) {
    stream.usage =
        whole.usage = {.input_tokens = tokens, .cache_read_tokens = tokens / 3, .output_tokens = tokens / 7};
    ASSERT_TRUE(seeded().price(stream) && seeded().price(whole));
    EXPECT_EQ(stream.cost_nano_usd, whole.cost_nano_usd);
    EXPECT_GT(stream.cost_nano_usd, 0);
  }
}

}  // namespace price_table_test
}  // namespace relay
