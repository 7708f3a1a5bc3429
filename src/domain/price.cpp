#include "domain/price.h"

#include "text/base64.h"
#include "text/decimal.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace relay {
namespace {

constexpr std::string_view kIdPrefix = "prc_";
constexpr int kTokenScale = 6;     // USD per million tokens in pico-dollars per token
constexpr int kThousandScale = 9;  // USD per thousand calls in pico-dollars per call
constexpr std::int64_t kDollarsMax = 1'000'000;

std::int64_t power_of_ten(int exponent) {
  std::int64_t power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

Result<PicoUsd> parse_price(std::string_view text, std::string_view field, int scale) {
  const auto price = parse_decimal(text, scale);
  if (price && *price >= 0 && *price <= kDollarsMax * power_of_ten(scale)) return *price;
  return Error(ErrorKind::validation, "price_invalid", "A price is not valid")
      .on_field(std::string(field),
                "must be USD as a decimal, at most 1000000 with " + std::to_string(scale) + " decimals");
}

std::optional<std::int64_t> parse_whole(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The part of `text` before the next line's end, which is taken off; the whole of it when there is none.
std::string_view take_line(std::string_view& text) {
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

}  // namespace

std::string to_price_id(const PriceLineName& name) {
  return std::string(kIdPrefix) +
         to_base64url(name.tier + "\n" + std::to_string(name.context_over) + "\n" +
                      std::to_string(name.effective_from.time_since_epoch().count()) + "\n" + name.model);
}

std::optional<PriceLineName> parse_price_id(std::string_view id) {
  if (!id.starts_with(kIdPrefix)) return std::nullopt;
  const auto text = parse_base64url(id.substr(kIdPrefix.size()));
  if (!text) return std::nullopt;
  std::string_view rest = *text;
  PriceLineName name;
  name.tier = take_line(rest);
  const auto context_over = parse_whole(take_line(rest));
  const auto effective_from = parse_whole(take_line(rest));
  name.model = rest;
  if (!context_over || !effective_from || !is_price_tier(name.tier) || !is_price_model(name.model)) {
    return std::nullopt;
  }
  name.context_over = *context_over;
  name.effective_from = WallTime(std::chrono::milliseconds(*effective_from));
  return name;
}

Result<PicoUsd> parse_token_price(std::string_view text, std::string_view field) {
  return parse_price(text, field, kTokenScale);
}

std::string to_token_price(PicoUsd price) { return to_decimal(price, kTokenScale, 2); }

Result<PicoUsd> parse_thousand_price(std::string_view text, std::string_view field) {
  return parse_price(text, field, kThousandScale);
}

std::string to_thousand_price(PicoUsd price) { return to_decimal(price, kThousandScale, 2); }

TokenRates TokenRates::in_full() const {
  auto full = *this;
  const auto fill = [](PicoUsd& rate, PicoUsd like) {
    if (rate == 0) rate = like;
  };
  fill(full.audio_input, input);
  fill(full.audio_cache_read, full.audio_input);
  fill(full.audio_output, output);
  fill(full.image_input, input);
  fill(full.image_output, output);
  fill(full.reasoning, output);
  return full;
}

void apply_rates(ModelPrice& line, const GivenRates& given) {
  auto& rates = line.rates;
  for (const auto& rate : kRateColumns) rates.*rate.of = (given.*rate.given).value_or(rates.*rate.of);
  line.web_search_request = given.web_search_request.value_or(line.web_search_request);
}

void complete_rates(ModelPrice& line, const GivenRates& given) {
  const auto input = given.input.value_or(0);
  if (line.provider == "anthropic") {
    line.rates = {.input = input,
                  .cache_write_5m = input * 5 / 4,
                  .cache_write_1h = input * 2,
                  .cache_read = input / 10,
                  .output = input};
  } else {
    line.rates = {.input = input,
                  .cache_write_5m = input,
                  .cache_write_1h = input,
                  .cache_read = input,
                  .output = input};
  }
  line.web_search_request = 10 * power_of_ten(kThousandScale);
  apply_rates(line, given);
}

bool is_price_tier(std::string_view word) {
  constexpr std::array<std::string_view, 5> kTiers{"standard", "priority", "flex", "batch", "fast"};
  return std::ranges::find(kTiers, word) != kTiers.end();
}

bool is_price_model(std::string_view text) {
  return !text.empty() && text.size() <= 200 &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace relay
