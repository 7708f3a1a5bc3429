// The prices that a new store has, against the public ones as they were gathered: every model and tier by
// hand.
#include "metering/price_table.h"
#include "store/store_contract.h"

#include <algorithm>
#include <cmath>

namespace relay::test {
namespace price_seed_test {

/// USD per million tokens.
struct Usd {
  double input, write_5m, write_1h, read, output;
};

PicoUsd pico(double usd) { return std::llround(usd * 1'000'000); }

const WallTime kNow{std::chrono::sys_days(std::chrono::year(2026) / 11 / 27)};

class PriceSeedContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    table_.emplace(await(store_->prices().list()).value());
  }

  void expect(const std::string& model, const char* tier, std::int64_t input, Usd usd, WallTime at = kNow) {
    SCOPED_TRACE(model + " " + tier + " " + std::to_string(input));
    const auto* line = table_->find(model, tier, input, at);
    ASSERT_NE(line, nullptr);
    EXPECT_EQ(line->tier, tier);  // not another one in its place
    EXPECT_EQ(line->web_search_request, model.starts_with("text-") ? 0 : 10'000'000'000);
    EXPECT_EQ(line->rates.input, pico(usd.input));
    EXPECT_EQ(line->rates.cache_write_5m, pico(usd.write_5m));
    EXPECT_EQ(line->rates.cache_write_1h, pico(usd.write_1h));
    EXPECT_EQ(line->rates.cache_read, pico(usd.read));
    EXPECT_EQ(line->rates.output, pico(usd.output));
  }
  void expect_claude(const std::vector<std::string>& models, Usd usd, std::int64_t input = 0,
                     WallTime at = kNow) {
    for (const auto& model : models) {
      expect(model, "standard", input, usd, at);
      const Usd half{usd.input / 2, usd.write_5m / 2, usd.write_1h / 2, usd.read / 2, usd.output / 2};
      expect(model, "batch", input, half, at);
    }
  }
  /// A model without a price for cached input or for writes pays the input's for them.
  void expect_gpt(const std::vector<std::string>& models, const char* tier, double input, double read,
                  double output, double write = 0, std::int64_t total_input = 0) {
    const auto written = write == 0 ? input : write;
    for (const auto& model : models)
      expect(model, tier, total_input, {input, written, written, read, output});
  }
  void expect_no_tier(const std::string& model, const char* tier) {
    EXPECT_EQ(table_->find(model, tier, 0, kNow)->tier, "standard") << model;
  }

  std::optional<PriceTable> table_;
};

TEST_P(PriceSeedContract, HasAnthropicsPrices) {
  expect_claude({"claude-fable-5-1", "claude-mythos-5-1", "claude-fable-5-1-20261001"},
                {10, 12.5, 20, 0.25, 50});
  expect_claude({"claude-fable-5", "claude-mythos-5", "claude-fable-5-20260801"}, {10, 12.5, 20, 1, 50});
  expect_claude({"claude-opus-5-5", "claude-opus-5-5-20260901"}, {4, 5, 8, 0.20, 20});
  expect("claude-opus-5-5", "fast", 0, {8, 10, 16, 0.40, 40});
  expect_claude({"claude-opus-5", "claude-opus-4-8", "claude-opus-4-7", "claude-opus-4-6", "claude-opus-4-5",
                 "claude-opus-4-5-20251101"},
                {5, 6.25, 10, 0.50, 25});
  for (const auto* model : {"claude-opus-5", "claude-opus-4-8"})
    expect(model, "fast", 0, {10, 12.5, 20, 1, 50});
  expect("claude-opus-4-6", "fast", 0, {30, 37.5, 60, 3, 150});
  for (const auto* model : {"claude-opus-4-7", "claude-opus-4-5"}) expect_no_tier(model, "fast");
  expect_claude({"claude-opus-4-1", "claude-opus-4-1-20250805", "claude-opus-4", "claude-opus-4-0",
                 "claude-opus-4-20250514", "claude-3-opus-20240229"},
                {15, 18.75, 30, 1.50, 75});
  expect_claude({"claude-sonnet-5-5", "claude-sonnet-5-5-20260915"}, {2, 2.5, 4, 0.10, 10});
  const WallTime changed{std::chrono::sys_days(std::chrono::year(2026) / 10 / 7)};
  const std::chrono::milliseconds moment(1);
  expect_claude({"claude-sonnet-5-5"}, {2, 2.5, 4, 0.20, 10}, 0, changed - moment);
  expect_claude({"claude-sonnet-5-5"}, {2, 2.5, 4, 0.10, 10}, 0, changed);
  expect_claude({"claude-sonnet-5", "claude-sonnet-5-20260301"}, {2, 2.5, 4, 0.20, 10});
  expect_claude({"claude-sonnet-4-6", "claude-sonnet-4-5", "claude-sonnet-4-5-20250929", "claude-sonnet-4",
                 "claude-sonnet-4-20250514", "claude-3-7-sonnet-20250219", "claude-3-5-sonnet-20241022"},
                {3, 3.75, 6, 0.30, 15});
  expect_claude({"claude-sonnet-4-5"}, {3, 3.75, 6, 0.30, 15}, 900'000);
  expect_claude({"claude-haiku-5-5", "claude-haiku-5-5-20261010"}, {0.10, 0.125, 0.20, 0.01, 0.50}, 100'000);
  expect_claude({"claude-haiku-5-5", "claude-haiku-5-5-20261010"}, {0.50, 0.625, 1.00, 0.05, 2.50}, 100'001);
  expect_claude({"claude-haiku-4-5", "claude-haiku-4-5-20251001"}, {1, 1.25, 2, 0.10, 5});
  expect_claude({"claude-3-5-haiku-20241022"}, {0.80, 1, 1.6, 0.08, 4});
  expect_claude({"claude-3-haiku-20240307"}, {0.25, 0.30, 0.50, 0.03, 1.25});
}

TEST_P(PriceSeedContract, HasOpenAisPrices) {
  expect_gpt({"gpt-4o", "gpt-4o-2024-08-06", "gpt-4o-2024-11-20"}, "standard", 2.50, 1.25, 10);
  expect_gpt({"gpt-4o"}, "priority", 4.25, 2.125, 17);
  expect_gpt({"gpt-4o"}, "batch", 1.25, 0.625, 5);
  expect_gpt({"gpt-4o-2024-05-13"}, "standard", 5, 5, 15);
  expect_gpt({"gpt-4o-mini", "gpt-4o-mini-2024-07-18"}, "standard", 0.15, 0.075, 0.60);
  expect_gpt({"gpt-4o-mini"}, "priority", 0.25, 0.125, 1);
  expect_gpt({"gpt-4.1", "gpt-4.1-2025-04-14"}, "standard", 2, 0.50, 8);
  expect_gpt({"gpt-4.1"}, "priority", 3.5, 0.875, 14);
  expect_gpt({"gpt-4.1"}, "batch", 1, 0.25, 4);
  expect_gpt({"gpt-4.1-mini"}, "standard", 0.40, 0.10, 1.60);
  expect_gpt({"gpt-4.1-mini"}, "batch", 0.20, 0.05, 0.80);
  expect_gpt({"gpt-4.1-nano"}, "standard", 0.10, 0.025, 0.40);
  expect_gpt({"gpt-4.1-nano"}, "batch", 0.05, 0.0125, 0.20);
  const std::vector<std::string> fives{
      "gpt-5",         "gpt-5-2025-08-07",  "gpt-5.1",           "gpt-5-codex",
      "gpt-5.1-codex", "gpt-5.1-codex-max", "gpt-5-chat-latest", "gpt-5.1-chat-latest"};
  expect_gpt(fives, "standard", 1.25, 0.125, 10);
  expect_gpt(fives, "flex", 0.625, 0.0625, 5);
  expect_gpt(fives, "priority", 2.5, 0.25, 20);
  const std::vector<std::string> minis{"gpt-5-mini", "gpt-5.1-codex-mini"};
  expect_gpt(minis, "standard", 0.25, 0.025, 2);
  expect_gpt(minis, "flex", 0.125, 0.0125, 1);
  expect_gpt(minis, "priority", 0.45, 0.045, 3.6);
  expect_gpt({"gpt-5-nano"}, "standard", 0.05, 0.005, 0.40);
  expect_gpt({"gpt-5-nano"}, "flex", 0.025, 0.0025, 0.20);
  expect_gpt({"gpt-5-pro"}, "standard", 15, 15, 120);
  expect_gpt({"gpt-5-pro"}, "batch", 7.5, 7.5, 60);
  const std::vector<std::string> twos{"gpt-5.2", "gpt-5.2-codex", "gpt-5.3-codex"};
  expect_gpt(twos, "standard", 1.75, 0.175, 14);
  expect_gpt(twos, "priority", 3.5, 0.35, 28);
  expect_gpt({"gpt-5.2-pro"}, "standard", 21, 21, 168);
  expect_gpt({"gpt-5.4"}, "standard", 2.5, 0.25, 15, 0, 272'000);
  expect_gpt({"gpt-5.4"}, "standard", 5, 0.5, 22.5, 0, 272'001);
  expect_gpt({"gpt-5.4-mini"}, "standard", 0.75, 0.075, 4.5, 0, 300'000);
  expect_gpt({"gpt-5.4-nano"}, "standard", 0.20, 0.02, 1.25);
  expect_gpt({"gpt-5.5"}, "standard", 5, 0.50, 30, 0, 272'000);
  expect_gpt({"gpt-5.5"}, "standard", 10, 1, 45, 0, 272'001);
  expect_gpt({"gpt-5.6-sol"}, "standard", 5, 0.50, 30, 6.25);
  expect_gpt({"gpt-5.6-terra"}, "standard", 2, 0.20, 12, 2.5);
  expect_gpt({"gpt-5.6-luna"}, "standard", 0.20, 0.02, 1.20, 0.25);
  expect_gpt({"gpt-6-sol"}, "standard", 2, 0.20, 10, 2.5);
  expect_gpt({"gpt-6-luna"}, "standard", 0.10, 0.01, 0.50, 0.125);
  expect_gpt({"codex-mini-latest"}, "standard", 1.50, 0.375, 6);
  expect_gpt({"o3"}, "standard", 2, 0.50, 8);
  expect_gpt({"o3"}, "flex", 1, 0.25, 4);
  expect_gpt({"o4-mini"}, "standard", 1.10, 0.275, 4.40);
  expect_gpt({"o4-mini"}, "flex", 0.55, 0.1375, 2.20);
  expect_gpt({"o3-mini"}, "standard", 1.10, 0.55, 4.40);
  expect_gpt({"o1"}, "standard", 15, 7.5, 60);
  expect_gpt({"o3-pro"}, "standard", 20, 20, 80);
  expect_gpt({"text-embedding-3-small"}, "standard", 0.02, 0.02, 0);
  expect_gpt({"text-embedding-3-small"}, "batch", 0.01, 0.01, 0);
  expect_gpt({"text-embedding-3-large"}, "standard", 0.13, 0.13, 0);
  expect_gpt({"text-embedding-3-large"}, "batch", 0.065, 0.065, 0);
}

TEST_P(PriceSeedContract, HasPricesOfSound) {
  struct Sound {
    const char* model;
    double text_in, text_out, in, out;
  };
  const std::vector<Sound> sounds{
      {"gpt-audio", 2.5, 10, 32, 64},
      {"gpt-audio-2025-08-28", 2.5, 10, 32, 64},
      {"gpt-audio-mini", 0.6, 2.4, 10, 20},
      {"gpt-4o-audio-preview", 2.5, 10, 40, 80},
      {"gpt-4o-audio-preview-2024-12-17", 2.5, 10, 40, 80},
      {"gpt-4o-audio-preview-2024-10-01", 2.5, 10, 100, 200},
      {"gpt-4o-mini-audio-preview", 0.15, 0.6, 10, 20},
  };
  for (const auto& [model, text_in, text_out, in, out] : sounds) {
    expect_gpt({model}, "standard", text_in, text_in, text_out);
    const auto rates = table_->find(model, "standard", 0, kNow)->rates.in_full();
    EXPECT_EQ(rates.audio_input, pico(in)) << model;
    EXPECT_EQ(rates.audio_cache_read, pico(in)) << model;
    EXPECT_EQ(rates.audio_output, pico(out)) << model;
    EXPECT_EQ(rates.reasoning, pico(text_out)) << model;
  }
}

TEST_P(PriceSeedContract, DoesNotTakeTheNextModelForADatedName) {
  for (const auto* model : {"claude-opus-4-9", "claude-opus-5-7", "gpt-5-turbo", "gpt-4o-realtime-preview"}) {
    EXPECT_EQ(table_->find(model, "standard", 1, kNow), nullptr) << model;
  }
}

TEST_P(PriceSeedContract, KeepsEveryPriceOfALine) {
  ModelPrice line{.model = "m", .provider = "openai", .rates = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}};
  ASSERT_TRUE(await(store_->prices().insert(line)).has_value());
  line.rates.reasoning = 12;
  ASSERT_TRUE(await(store_->prices().put({line})).has_value());
  const auto lines = await(store_->prices().list()).value();
  const auto found = std::ranges::find(lines, std::string("m"), &ModelPrice::model);
  ASSERT_NE(found, lines.end());
  EXPECT_EQ(*found, line);
}

RELAY_EVERY_STORE(PriceSeedContract);

}  // namespace price_seed_test
}  // namespace relay::test
