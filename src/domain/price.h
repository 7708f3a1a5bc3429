// What a model's tokens cost from a date on.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "domain/money.h"

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace relay {

/// Pico-dollars per token of each kind; a kind that a model does not have is 0.
struct TokenRates {
  PicoUsd input = 0;
  PicoUsd cache_write_5m = 0;
  PicoUsd cache_write_1h = 0;
  PicoUsd cache_read = 0;
  PicoUsd output = 0;
  friend bool operator==(const TokenRates&, const TokenRates&) = default;
};

/// One line of the price table. `model` is exact ("claude-opus-5-5") or a `*` pattern that covers
/// dated names ("claude-opus-5-5-*"); `tier` is standard, priority, flex, batch or fast.
/// `context_over` > 0: the line holds for requests whose total input is above it (the whole request).
struct ModelPrice {
  std::string model{};
  std::string provider{};  // anthropic, openai
  std::string tier = "standard";
  std::int64_t context_over = 0;
  WallTime effective_from{};
  TokenRates rates;
  PicoUsd web_search_request = 0;  // per request
  friend bool operator==(const ModelPrice&, const ModelPrice&) = default;
};

/// What tells a line from all others.
struct PriceLineName {
  std::string model{};
  std::string tier{};
  std::int64_t context_over = 0;
  WallTime effective_from{};
  friend auto operator<=>(const PriceLineName&, const PriceLineName&) = default;

  static PriceLineName of(const ModelPrice& line) {
    return {line.model, line.tier, line.context_over, line.effective_from};
  }
};

/// Opaque to clients: "prc_" and the name in it. Nothing from a text that to_price_id() did not write.
std::string to_price_id(const PriceLineName& name);
std::optional<PriceLineName> parse_price_id(std::string_view id);

/// USD per million tokens as people write prices ("0.30", at most 1,000,000) and pico-dollars per token,
/// exact: one is a million of the other. validation "price_invalid" on `field`, also for more than six
/// decimals.
Result<PicoUsd> parse_token_price(std::string_view text, std::string_view field);
std::string to_token_price(PicoUsd price);

/// The same for what a thousand tool calls cost: at most nine decimals and 1,000,000 dollars.
Result<PicoUsd> parse_thousand_price(std::string_view text, std::string_view field);
std::string to_thousand_price(PicoUsd price);

/// Rates as an operator gives them: only input and output always.
struct GivenRates {
  std::optional<PicoUsd> input{};
  std::optional<PicoUsd> cache_write_5m{};
  std::optional<PicoUsd> cache_write_1h{};
  std::optional<PicoUsd> cache_read{};
  std::optional<PicoUsd> output{};
  std::optional<PicoUsd> web_search_request{};
};

/// Those that are given take the place of the line's.
void apply_rates(ModelPrice& line, const GivenRates& given);
/// Of a new line, whose provider is set; input is given. No kind of token becomes free by being left out:
/// with Anthropic caches cost 1.25, 2 and 0.1 times the input and 1,000 searches 10 USD (platform.claude.com,
/// "Pricing"); elsewhere what has no price of its own costs what input does.
void complete_rates(ModelPrice& line, const GivenRates& given);

/// "standard", "priority", "flex", "batch" or "fast".
bool is_price_tier(std::string_view word);
/// A name or a `*` pattern of 1 to 200 visible ASCII characters.
bool is_price_model(std::string_view text);

}  // namespace relay
