#include "metering/price_table.h"

#include "fakes/await.h"
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
  EXPECT_EQ(input_price(table, "m", "batch"), 2) << "flex is sold at the batch's price";
}

TEST(PriceTable, AtMostACallCostsItsDearestTokensInItsDearestTier) {
  auto standard = line("m", 2'000'000);
  standard.rates.cache_write_1h = 4'000'000;
  standard.rates.output = 10'000'000;
  auto fast = line("m", 5'000'000, {}, 0, "fast");
  fast.rates.output = 8'000'000;
  const auto now = on(2026y / 11 / 24);
  EXPECT_EQ(PriceTable({standard}).highest_cost("m", 10, 3, now), 10 * 4'000 + 3 * 10'000);
  EXPECT_EQ(PriceTable({standard, fast}).highest_cost("m", 10, 3, now), 10 * 5'000 + 3 * 8'000);
  standard.provider = "anthropic";  // it may serve from the US, which costs a tenth more
  EXPECT_EQ(PriceTable({standard}).highest_cost("m", 10, 3, now), 11 * 4'000 + 3 * 11'000);
  EXPECT_EQ(PriceTable({standard}).highest_cost("other", 10, 3, now), 0);
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

const PriceTable& seeded() {
  static const PriceTable table([] {
    const auto store = test::store_makers().front().make();
    return test::await(store->prices().list()).value();
  }());
  return table;
}

TEST(PriceTable, DoesNotTakeTheNextModelForADatedName) {
  EXPECT_EQ(seeded().find("claude-opus-4-9", "standard", 1, on(2026y / 11 / 24)), nullptr);
  EXPECT_EQ(seeded().find("claude-opus-5-7", "standard", 1, on(2026y / 11 / 24)), nullptr);
  EXPECT_EQ(seeded().find("gpt-5-turbo", "standard", 1, on(2026y / 11 / 24)), nullptr);
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
