// What a model's tokens cost from a date on.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "domain/money.h"

#include <array>
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
  // 0 in these is no price of their own, and never "free": see in_full().
  PicoUsd audio_input = 0;
  PicoUsd audio_cache_read = 0;
  PicoUsd audio_output = 0;
  PicoUsd image_input = 0;
  PicoUsd image_output = 0;
  PicoUsd reasoning = 0;  // of the part of the output that is reasoning

  /// What they cost in the end: audio and images as text where they have no price of their own, cached audio
  /// as audio input, reasoning as output.
  TokenRates in_full() const;
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
  std::optional<PicoUsd> audio_input{};
  std::optional<PicoUsd> audio_cache_read{};
  std::optional<PicoUsd> audio_output{};
  std::optional<PicoUsd> image_input{};
  std::optional<PicoUsd> image_output{};
  std::optional<PicoUsd> reasoning{};
  std::optional<PicoUsd> web_search_request{};
};

/// A rate, how it is given, and the name of its column: in the one order in which stores keep them.
struct RateColumn {
  const char* name;
  PicoUsd TokenRates::*of;
  std::optional<PicoUsd> GivenRates::*given;
};
inline constexpr std::array kRateColumns{
    RateColumn{"input_pico_usd", &TokenRates::input, &GivenRates::input},
    RateColumn{"cache_write_5m_pico_usd", &TokenRates::cache_write_5m, &GivenRates::cache_write_5m},
    RateColumn{"cache_write_1h_pico_usd", &TokenRates::cache_write_1h, &GivenRates::cache_write_1h},
    RateColumn{"cache_read_pico_usd", &TokenRates::cache_read, &GivenRates::cache_read},
    RateColumn{"output_pico_usd", &TokenRates::output, &GivenRates::output},
    RateColumn{"audio_input_pico_usd", &TokenRates::audio_input, &GivenRates::audio_input},
    RateColumn{"audio_cache_read_pico_usd", &TokenRates::audio_cache_read, &GivenRates::audio_cache_read},
    RateColumn{"audio_output_pico_usd", &TokenRates::audio_output, &GivenRates::audio_output},
    RateColumn{"image_input_pico_usd", &TokenRates::image_input, &GivenRates::image_input},
    RateColumn{"image_output_pico_usd", &TokenRates::image_output, &GivenRates::image_output},
    RateColumn{"reasoning_pico_usd", &TokenRates::reasoning, &GivenRates::reasoning},
};

/// Those that are given take the place of the line's.
void apply_rates(ModelPrice& line, const GivenRates& given);
/// Of a new line, whose provider is set; input is given. No kind of token becomes free by being left out:
/// with Anthropic caches cost 1.25, 2 and 0.1 times the input (platform.claude.com, "Pricing"); elsewhere
/// what has no price of its own costs what input does. A thousand searches are 10 USD with both providers.
/// (Of audio, images and reasoning see TokenRates::in_full().)
void complete_rates(ModelPrice& line, const GivenRates& given);

/// "standard", "priority", "flex", "batch" or "fast".
bool is_price_tier(std::string_view word);
/// A name or a `*` pattern of 1 to 200 visible ASCII characters.
bool is_price_model(std::string_view text);

}  // namespace relay
