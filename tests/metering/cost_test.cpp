#include "metering/cost.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace relay {
namespace cost_test {

ModelPrice price_of(PicoUsd input, PicoUsd output) {
  return {.model = "m", .provider = "anthropic", .rates = {.input = input, .output = output}};
}

TEST(Cost, AddsEveryKindOfTokenAtItsOwnRate) {
  const ModelPrice price{.provider = "openai",
                         .rates = {.input = 1'000'000,
                                   .cache_write_5m = 2'000'000,
                                   .cache_write_1h = 3'000'000,
                                   .cache_read = 5'000'000,
                                   .output = 7'000'000},
                         .web_search_request = 10'000'000'000};
  const Usage usage{.input_tokens = 1,
                    .cache_write_5m_tokens = 10,
                    .cache_write_1h_tokens = 100,
                    .cache_read_tokens = 1000,
                    .output_tokens = 10'000,
                    .reasoning_tokens = 9'000,
                    .web_search_requests = 2};
  EXPECT_EQ(cost_of(usage, {}, price), 1'000 + 20'000 + 300'000 + 5'000'000 + 70'000'000 + 20'000'000);
}

TEST(Cost, RoundsTheSumOnceAndHalfUp) {
  // 0.25 nano-dollars each: two of them are half a nano-dollar, and go up together, not each to 0.
  const auto quarter = price_of(250, 250);
  EXPECT_EQ(cost_of({.input_tokens = 1}, {}, quarter), 0);
  EXPECT_EQ(cost_of({.input_tokens = 1, .output_tokens = 1}, {}, quarter), 1);
  EXPECT_EQ(cost_of({.input_tokens = 2, .output_tokens = 3}, {}, quarter), 1);
  EXPECT_EQ(cost_of({.input_tokens = 3, .output_tokens = 3}, {}, quarter), 2);
}

TEST(Cost, TakesElevenTenthsInTheUnitedStatesExactly) {
  auto price = price_of(5, 0);
  price.web_search_request = 1'000;
  const BillingModeView us{.inference_geo = "us"};
  // 91 tokens: 455 pico, 500.5 with the factor: half up is 1 nano. A factor rounded before would give 500 or
  // 501.
  EXPECT_EQ(cost_of({.input_tokens = 90}, us, price), 0);
  EXPECT_EQ(cost_of({.input_tokens = 91}, us, price), 1);
  EXPECT_EQ(cost_of({.input_tokens = 91}, {}, price), 0);
  EXPECT_EQ(cost_of({.web_search_requests = 10}, us, price), 10) << "tools cost the same everywhere";
  price.provider = "openai";
  EXPECT_EQ(cost_of({.input_tokens = 91}, us, price), 0) << "Anthropic's rule only";
}

TEST(Cost, StaysAtTheTopInsteadOfWrapping) {
  EXPECT_EQ(
      cost_of({.input_tokens = INT64_MAX, .output_tokens = INT64_MAX}, {}, price_of(INT64_MAX, INT64_MAX)),
      INT64_MAX);
  EXPECT_EQ(cost_of({.input_tokens = -5}, {}, price_of(1'000'000, 0)), 0);
}

TEST(Cost, ReadsTheTierFromTheAnswer) {
  EXPECT_EQ(price_tier({}), "standard");
  EXPECT_EQ(price_tier({.service_tier = "default"}), "standard");
  EXPECT_EQ(price_tier({.service_tier = "something new"}), "standard");
  EXPECT_EQ(price_tier({.service_tier = "priority"}), "priority");
  EXPECT_EQ(price_tier({.service_tier = "flex"}), "flex");
  EXPECT_EQ(price_tier({.service_tier = "standard", .speed = "fast"}), "fast");
  EXPECT_EQ(price_tier({.service_tier = "batch", .speed = "fast"}), "batch");
}

}  // namespace cost_test
}  // namespace relay
