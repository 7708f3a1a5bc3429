#include "domain/price.h"

#include <gtest/gtest.h>

namespace relay {
namespace price_test {

TEST(Price, IsExactBothWays) {
  EXPECT_EQ(parse_token_price("3", "input").value(), 3'000'000);
  EXPECT_EQ(parse_token_price("0.0025", "input").value(), 2'500);
  EXPECT_EQ(parse_token_price("0.000001", "input").value(), 1);
  EXPECT_EQ(parse_token_price("1000000", "input").value(), 1'000'000'000'000);
  EXPECT_EQ(parse_thousand_price("10", "webSearch").value(), 10'000'000'000);
  EXPECT_EQ(to_token_price(3'750'000), "3.75");
  EXPECT_EQ(to_token_price(2'500), "0.0025");
  EXPECT_EQ(to_token_price(0), "0.00");
  EXPECT_EQ(to_thousand_price(10'000'000'000), "10.00");
  for (const auto* wrong :
       {"", "-1", "1e3", "0.0000001", "1000000.01", "99999999999999999999", " 1", "NaN"}) {
    const auto refused = parse_token_price(wrong, "input");
    ASSERT_TRUE(refused.has_error()) << wrong;
    EXPECT_EQ(refused.error().code(), "price_invalid");
    EXPECT_EQ(refused.error().fields().at(0).field, "input");
  }
}

TEST(Price, HasAnIdThatNamesItsLine) {
  const PriceLineName name{.model = "claude-opus-5-5-*",
                           .tier = "batch",
                           .context_over = 272'000,
                           .effective_from = WallTime(std::chrono::milliseconds(1'769'817'600'123))};
  EXPECT_EQ(parse_price_id(to_price_id(name)), name);
  for (const auto* wrong : {"", "prc_", "prc_x", "prc_!", "prc_c3RhbmRhcmQ", "c3RhbmRhcmQKMAowCmdwdC01"}) {
    EXPECT_EQ(parse_price_id(wrong), std::nullopt) << wrong;
  }
  EXPECT_EQ(parse_price_id("prc_c3RhbmRhcmQKMAowCmdwdC01").value(),
            (PriceLineName{.model = "gpt-5", .tier = "standard"}));
}

TEST(Price, MakesNoKindOfTokenFreeByLeavingItOut) {
  ModelPrice claude{.provider = "anthropic", .rates = {}};
  complete_rates(claude, {.input = 4'000'000, .output = 20'000'000});
  EXPECT_EQ(claude.rates, (TokenRates{4'000'000, 5'000'000, 8'000'000, 400'000, 20'000'000}));
  EXPECT_EQ(claude.web_search_request, 10'000'000'000);
  ModelPrice gpt{.provider = "openai", .rates = {}};
  complete_rates(gpt, {.input = 5, .cache_read = 1, .output = 30});
  EXPECT_EQ(gpt.rates, (TokenRates{5, 5, 5, 1, 30}));
  EXPECT_EQ(gpt.web_search_request, 10'000'000'000);
}

TEST(Price, OfAKindWithoutAPriceOfItsOwnIsThatOfText) {
  const TokenRates text{.input = 2, .output = 10};
  EXPECT_EQ(text.in_full(), (TokenRates{.input = 2,
                                        .output = 10,
                                        .audio_input = 2,
                                        .audio_cache_read = 2,
                                        .audio_output = 10,
                                        .image_input = 2,
                                        .image_output = 10,
                                        .reasoning = 10}));
  const auto sound = TokenRates{.input = 2, .output = 10, .audio_input = 40, .reasoning = 30}.in_full();
  EXPECT_EQ(sound.audio_cache_read, 40);
  EXPECT_EQ(sound.reasoning, 30);
}

}  // namespace price_test
}  // namespace relay
