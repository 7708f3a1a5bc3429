// What LiteLLM's file is known to have wrong: each is named, and none is taken unasked.
#include "metering/price_changes.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace relay {
namespace known_price_errors_test {

constexpr WallTime kNow{std::chrono::milliseconds(1'790'000'000'000)};

std::vector<std::string> doubts_about(const std::string& model, const std::string& fields) {
  const auto file = read_price_file("{\"" + model + "\":{\"mode\":\"chat\"," + fields + "}}", false);
  EXPECT_TRUE(file.has_value()) << model;
  const auto changes = changes_of(file.value(), {}, kNow);
  EXPECT_FALSE(changes.lines.empty()) << model;
  EXPECT_TRUE(without_doubtful(changes).lines.empty()) << model << " is taken unasked";
  std::vector<std::string> words;
  for (const auto& doubt : changes.doubts) words.push_back(doubt.words);
  return words;
}

bool among(const std::vector<std::string>& all, std::string_view words) {
  return std::ranges::find(all, words) != all.end();
}

std::string anthropic(const char* input, const char* output, const char* five, const char* hour,
                      const char* read) {
  std::string fields = R"("litellm_provider":"anthropic","input_cost_per_token":)";
  fields += std::string(input) + R"(,"output_cost_per_token":)" + output;
  fields += std::string(R"(,"cache_creation_input_token_cost":)") + five;
  if (*hour != '\0') fields += std::string(R"(,"cache_creation_input_token_cost_above_1hr":)") + hour;
  return fields + R"(,"cache_read_input_token_cost":)" + read;
}

TEST(KnownPriceErrors, SixDollarsForAnHourOfHaiku3) {
  const auto doubts =
      doubts_about("claude-3-haiku-20240307", anthropic("2.5e-07", "1.25e-06", "3e-07", "6e-06", "3e-08"));
  EXPECT_TRUE(among(doubts, "standard: writing to a cache for an hour costs 6.00 where input costs 0.25"));
}

TEST(KnownPriceErrors, SixDollarsForAnHourOfOpus3) {
  const auto doubts = doubts_about("claude-3-opus-20240229",
                                   anthropic("1.5e-05", "7.5e-05", "1.875e-05", "6e-06", "1.5e-06"));
  EXPECT_TRUE(among(doubts, "standard: writing to a cache for an hour costs 6.00 where input costs 15.00"));
}

TEST(KnownPriceErrors, SixDollarsForAnHourOfHaiku35) {
  const auto doubts =
      doubts_about("claude-3-5-haiku-20241022", anthropic("8e-07", "4e-06", "1e-06", "6e-06", "8e-08"));
  EXPECT_TRUE(among(doubts, "standard: writing to a cache for an hour costs 6.00 where input costs 0.80"));
}

TEST(KnownPriceErrors, PriorityOfGpt5NanoAtFiftyTimesTheInput) {
  const auto doubts = doubts_about(
      "gpt-5-nano",
      R"("litellm_provider":"openai","input_cost_per_token":5e-08,"output_cost_per_token":4e-07,)"
      R"("cache_read_input_token_cost":5e-09,"input_cost_per_token_priority":2.5e-06)");
  EXPECT_TRUE(among(doubts, "priority: input costs 2.50, the plain line's 0.05"));
}

TEST(KnownPriceErrors, NoHourOfSonnet45) {
  const auto doubts =
      doubts_about("claude-sonnet-4-5", anthropic("3e-06", "1.5e-05", "3.75e-06", "", "3e-07"));
  EXPECT_TRUE(among(doubts, "has no price of writing to a cache for an hour: twice the input's is taken"));
}

TEST(KnownPriceErrors, WhatIsRightIsNotDoubted) {
  const auto file =
      read_price_file("{\"claude-3-opus-20240229\":{\"mode\":\"chat\"," +
                          anthropic("1.5e-05", "7.5e-05", "1.875e-05", "3e-05", "1.5e-06") + "}}",
                      false);
  EXPECT_TRUE(changes_of(file.value(), {}, kNow).doubts.empty());
}

}  // namespace known_price_errors_test
}  // namespace relay
