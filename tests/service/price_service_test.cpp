#include "service/price_service.h"

#include "service/services_under_test.h"

namespace relay {
namespace price_service_test {

using test::await;
using test::refusal;

class PriceServiceTest : public testing::Test, protected test::ServicesUnderTest {
 protected:
  ModelPrice a_line(WallTime from) const {
    ModelPrice line{.model = "claude-new", .provider = "anthropic", .effective_from = from, .rates = {}};
    complete_rates(line, {.input = 3'000'000, .output = 15'000'000});
    return line;
  }
  // Of a million input tokens that were used now.
  NanoUsd cost_now() const {
    UsageRecordView record;
    record.model = "claude-new";
    record.usage.input_tokens = 1'000'000;
    record.started_at = clock.now();
    price_book.table()->price(record);
    return record.cost_nano_usd;
  }
  std::vector<AuditEntry> trail(std::string_view action) {
    AuditFilter filter;
    filter.action = std::string(action);
    return await(audit.list(std::move(filter), {})).value().items;
  }
  Actor boss_ = as(a_user("boss").user.id);
};

TEST_F(PriceServiceTest, WhatIsAddedIsInForceWhenTheCallReturns) {
  EXPECT_EQ(cost_now(), 0);
  ASSERT_TRUE(await(prices.add(boss_, a_line(clock.now()))).has_value());
  EXPECT_EQ(cost_now(), 3'000'000'000);
  EXPECT_EQ(listener.prices, 1);
  EXPECT_EQ(refusal(await(prices.add(boss_, a_line(clock.now())))), "price_exists");
  const auto entries = trail(audit_action::kPriceAdded);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].target, "claude-new");
  EXPECT_EQ(entries[0].actor_id, boss_.user_id);
  EXPECT_NE(entries[0].details.find(R"("cacheWrite5m":"3.75")"), std::string::npos) << entries[0].details;
}

TEST_F(PriceServiceTest, ALineToComeHoldsWhenItsTimeHasComeAndCanBeTakenBackBefore) {
  ASSERT_TRUE(await(prices.add(boss_, a_line(clock.now()))).has_value());
  auto dearer = a_line(clock.now() + std::chrono::hours(1));
  dearer.rates.input = 4'000'000;
  ASSERT_TRUE(await(prices.add(boss_, dearer)).has_value());
  EXPECT_EQ(cost_now(), 3'000'000'000);
  PriceFilter now{.model = "claude-new", .at = clock.now()};
  EXPECT_EQ(await(prices.list(now))->size(), 1U);
  clock.advance(std::chrono::hours(2));
  EXPECT_EQ(cost_now(), 4'000'000'000);
  EXPECT_EQ(refusal(await(prices.remove(boss_, PriceLineName::of(dearer)))), "price_in_force");
  auto dearest = a_line(clock.now() + std::chrono::hours(1));
  ASSERT_TRUE(await(prices.add(boss_, dearest)).has_value());
  ASSERT_TRUE(await(prices.remove(boss_, PriceLineName::of(dearest))).has_value());
  EXPECT_EQ(refusal(await(prices.remove(boss_, PriceLineName::of(dearest)))), "price_unknown");
  PriceFilter at{.model = "claude-new", .at = clock.now()};
  const auto in_force = await(prices.list(at)).value();
  ASSERT_EQ(in_force.size(), 1U);
  EXPECT_EQ(in_force[0], dearer) << "of lines that follow each other the newest";
  EXPECT_EQ(trail(audit_action::kPriceRemoved).size(), 1U);
}

TEST_F(PriceServiceTest, ACorrectionChangesOnlyWhatIsNamed) {
  const auto line = a_line(clock.now());
  ASSERT_TRUE(await(prices.add(boss_, line)).has_value());
  const auto corrected = await(prices.correct(boss_, PriceLineName::of(line), {.input = 1})).value();
  EXPECT_EQ(corrected.rates, (TokenRates{1, 3'750'000, 6'000'000, 300'000, 15'000'000}));
  EXPECT_EQ(refusal(await(prices.correct(boss_, {.model = "nobody", .tier = "standard"}, {}))),
            "price_unknown");
  EXPECT_EQ(trail(audit_action::kPriceCorrected).size(), 1U);
}

TEST(PriceLines, AreFoundByTheirNameAndByTheirPattern) {
  std::vector<ModelPrice> lines(3);
  lines[0].model = "gpt-5";
  lines[1].model = "gpt-5-*";
  lines[2].model = "gpt-6";
  EXPECT_EQ(filter_prices(lines, {.model = "gpt-5-2026-01-01"}), std::vector<ModelPrice>{lines[1]});
  EXPECT_EQ(filter_prices(lines, {.model = "gpt-5"}), std::vector<ModelPrice>{lines[0]});
  EXPECT_EQ(filter_prices(lines, {.model = "gpt-5-*"}), std::vector<ModelPrice>{lines[1]});
  EXPECT_EQ(filter_prices(lines, {}).size(), 3U);
}

}  // namespace price_service_test
}  // namespace relay
