#include "metering/cost_differences.h"

#include "metering/records.h"

#include <gtest/gtest.h>

namespace relay {
namespace cost_differences_test {

using namespace std::chrono_literals;

constexpr WallTime kMidnight{std::chrono::sys_days(std::chrono::year(2026) / 3 / 1)};

ModelPrice a_line(std::string model, PicoUsd input, PicoUsd output, WallTime from = {}) {
  ModelPrice line{.model = std::move(model), .provider = "anthropic", .effective_from = from, .rates = {}};
  line.rates = {.input = input, .output = output};
  return line;
}

// 1,000 tokens in and 200 out, which cost one cent when they were stored.
UsageRecord a_call(int number, WallTime at, std::string model = "claude-a") {
  auto record = test::a_record(number, at);
  record.requested_model = model;
  record.model = std::move(model);
  return record;
}

class CostDifferencesTest : public testing::Test {
 protected:
  void prices(const std::vector<ModelPrice>& lines, RerateScope scope = {}) {
    if (scope.to == WallTime()) scope.to = kMidnight + 48h;
    differences_.emplace(std::make_shared<const PriceTable>(lines), std::move(scope));
  }
  const CostDifference& line(std::int64_t day, const std::string& model) {
    return differences_->lines().at({kMidnight.time_since_epoch() / 24h + day, model});
  }
  std::optional<CostDifferences> differences_;
};

TEST_F(CostDifferencesTest, PricesEachCallByTheLineOfItsTimeAndSumsByDayAndModel) {
  // 1,000 * 5 and 200 * 25 micro-dollars are one cent; from noon on twice as much.
  prices({a_line("claude-a", 5'000'000, 25'000'000),
          a_line("claude-a", 10'000'000, 50'000'000, kMidnight + 12h), a_line("claude-b", 1'000'000, 0)});
  EXPECT_EQ(differences_->add(a_call(1, kMidnight + 12h - 1ms)), std::nullopt);
  EXPECT_EQ(differences_->add(a_call(2, kMidnight + 12h)), 20'000'000);
  EXPECT_EQ(differences_->add(a_call(3, kMidnight + 24h)), 20'000'000);
  EXPECT_EQ(differences_->add(a_call(4, kMidnight, "claude-b")), 1'000'000);
  EXPECT_EQ(line(0, "claude-a").rows, 2);
  EXPECT_EQ(line(0, "claude-a").changed, 1);
  EXPECT_EQ(line(0, "claude-a").before_nano_usd, 20'000'000);
  EXPECT_EQ(line(0, "claude-a").after_nano_usd, 30'000'000);
  EXPECT_EQ(line(1, "claude-a").difference_nano_usd(), 10'000'000);
  EXPECT_EQ(line(0, "claude-b").difference_nano_usd(), -9'000'000);
  EXPECT_EQ(differences_->total().rows, 4);
  EXPECT_EQ(differences_->total().changed, 3);
  EXPECT_EQ(differences_->total().difference_nano_usd(), 11'000'000);
}

TEST_F(CostDifferencesTest, TakesTheTierOfTheAnswerAndTheLengthOfTheContext) {
  auto batch = a_line("claude-a", 2'500'000, 12'500'000);
  batch.tier = "batch";
  auto lengthy = a_line("claude-a", 10'000'000, 50'000'000);
  lengthy.context_over = 1'500;
  prices({a_line("claude-a", 5'000'000, 25'000'000), batch, lengthy});
  auto in_batch = a_call(1, kMidnight);
  in_batch.mode.service_tier = "batch";
  EXPECT_EQ(differences_->add(in_batch), 5'000'000);
  auto with_cache = a_call(2, kMidnight);
  with_cache.usage.cache_read_tokens = 501;  // free by these lines, but it counts
  EXPECT_EQ(differences_->add(with_cache), 20'000'000);
  with_cache.usage.cache_read_tokens = 500;
  EXPECT_EQ(differences_->add(with_cache), std::nullopt);
}

TEST_F(CostDifferencesTest, TellsWhatFoundAPriceWhatLostItAndWhatHasNone) {
  prices({a_line("claude-a", 5'000'000, 25'000'000)});
  auto found = a_call(1, kMidnight);
  found.priced = false;
  found.cost_nano_usd = 0;
  found.estimated = true;
  EXPECT_EQ(differences_->add(found), 10'000'000);
  auto none = a_call(2, kMidnight, "claude-none");
  EXPECT_EQ(differences_->add(none), std::nullopt) << "it keeps its cost";
  none.priced = false;
  none.cost_nano_usd = 0;
  EXPECT_EQ(differences_->add(none), std::nullopt);
  EXPECT_EQ(line(0, "claude-a").newly_priced, 1);
  EXPECT_EQ(line(0, "claude-a").estimated, 1);
  const auto& lost = line(0, "claude-none");
  EXPECT_EQ(lost.price_gone, 1);
  EXPECT_EQ(lost.unpriced, 1);
  EXPECT_EQ(lost.changed, 0);
  EXPECT_EQ(lost.before_nano_usd, 10'000'000);
  EXPECT_EQ(lost.after_nano_usd, 10'000'000);
  EXPECT_TRUE(lost.differs());
}

TEST_F(CostDifferencesTest, ACallThatBecomesFreeIsPricedAllTheSame) {
  prices({a_line("claude-a", 0, 0)});
  auto unpriced = a_call(1, kMidnight);
  unpriced.priced = false;
  unpriced.cost_nano_usd = 0;
  EXPECT_EQ(differences_->add(unpriced), 0);
  unpriced.priced = true;
  EXPECT_EQ(differences_->add(unpriced), std::nullopt);
  EXPECT_FALSE(line(0, "claude-a").price_gone > 0);
}

TEST_F(CostDifferencesTest, WhatTheRelaysOwnCacheAnsweredCostsNothing) {
  prices({a_line("claude-a", 5'000'000, 25'000'000)});
  auto hit = a_call(1, kMidnight);
  hit.cached = true;
  hit.cost_nano_usd = hit.charge_nano_usd = 0;
  EXPECT_EQ(differences_->add(hit), std::nullopt);
  EXPECT_EQ(differences_->total().rows, 0);
}

TEST_F(CostDifferencesTest, LooksOnlyAtItsScope) {
  const std::vector<ModelPrice> lines{a_line("*", 0, 0)};
  const auto counts = [&](RerateScope scope, const UsageRecord& record) {
    prices(lines, std::move(scope));
    differences_->add(record);
    return differences_->total().rows == 1;
  };
  const auto call = a_call(1, kMidnight);
  EXPECT_TRUE(counts({.from = kMidnight, .to = kMidnight + 1ms}, call));
  EXPECT_FALSE(counts({.from = kMidnight + 1ms, .to = kMidnight + 24h}, call));
  EXPECT_FALSE(counts({.from = {}, .to = kMidnight}, call));
  EXPECT_TRUE(
      counts({.from = {}, .to = {}, .user_id = "usr_1", .key_id = "key_1", .model = "claude-*"}, call));
  EXPECT_FALSE(counts({.from = {}, .to = {}, .user_id = "usr_2"}, call));
  EXPECT_FALSE(counts({.from = {}, .to = {}, .key_id = "key_2"}, call));
  EXPECT_FALSE(counts({.from = {}, .to = {}, .model = "claude-b"}, call));
}

TEST_F(CostDifferencesTest, HoldsSoManyLinesAndSumsTheOthersInOne) {
  prices({a_line("*", 0, 0)});
  for (std::size_t n = 0; n < CostDifferences::kLinesMax + 2; ++n)
    differences_->add(a_call(1, kMidnight, "model-" + std::to_string(n)));
  EXPECT_EQ(differences_->lines().size(), CostDifferences::kLinesMax);
  EXPECT_EQ(differences_->other_lines().rows, 2);
  EXPECT_EQ(differences_->total().rows, static_cast<std::int64_t>(CostDifferences::kLinesMax) + 2);
}

}  // namespace cost_differences_test
}  // namespace relay
