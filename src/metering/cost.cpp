#include "metering/cost.h"

#include <algorithm>
#include <cstdint>

namespace relay {
namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t kPicoPerNano = 1000;

// Fifteen of these, times eleven, stay below 2^127; far above any int64 of nano-dollars.
constexpr Wide kProductMax = Wide{1} << 110;

Wide times(std::int64_t count, PicoUsd rate) {
  return std::min(Wide{std::max<std::int64_t>(count, 0)} * rate, kProductMax);
}

// In tenths of a pico-dollar, so that the factor 1.1 is exact (platform.claude.com, "Data residency pricing":
// it holds for every kind of token, not for tools).
Wide tenths_of(Wide tokens, const ModelPrice& price, bool served_in_us) {
  return tokens * (served_in_us && price.provider == "anthropic" ? 11 : 10);
}

NanoUsd to_nano(Wide tenths) {
  constexpr Wide kTenthsPerNano = kPicoPerNano * 10;
  return static_cast<NanoUsd>(std::min<Wide>((tenths + kTenthsPerNano / 2) / kTenthsPerNano, INT64_MAX));
}

}  // namespace

std::string_view price_tier(const BillingModeView& mode) {
  for (const std::string_view tier : {"batch", "flex", "priority"}) {
    if (mode.service_tier == tier) return tier;
  }
  return mode.speed == "fast" ? "fast" : "standard";
}

NanoUsd cost_of(const Usage& usage, const BillingModeView& mode, const ModelPrice& price) {
  const auto rates = price.rates.in_full();
  // Part of the output: what a provider reports beyond it was not billed.
  const auto reasoning = std::min(usage.reasoning_tokens, usage.output_tokens);
  const Wide tokens = times(usage.input_tokens, rates.input) +
                      times(usage.cache_write_5m_tokens, rates.cache_write_5m) +
                      times(usage.cache_write_1h_tokens, rates.cache_write_1h) +
                      times(usage.cache_read_tokens, rates.cache_read) +
                      times(usage.output_tokens - reasoning, rates.output) +
                      times(reasoning, rates.reasoning) + times(usage.audio_input_tokens, rates.audio_input) +
                      times(usage.audio_cache_read_tokens, rates.audio_cache_read) +
                      times(usage.audio_output_tokens, rates.audio_output) +
                      times(usage.image_input_tokens, rates.image_input) +
                      times(usage.image_output_tokens, rates.image_output);
  const Wide searches = times(usage.web_search_requests, price.web_search_request);

  return to_nano(tenths_of(tokens, price, mode.inference_geo == "us") + searches * 10);
}

NanoUsd highest_cost_of(std::int64_t input_tokens, std::int64_t output_tokens, const ModelPrice& price) {
  const auto rates = price.rates.in_full();
  const auto input = std::max({rates.input, rates.cache_write_5m, rates.cache_write_1h, rates.cache_read,
                               rates.audio_input, rates.image_input});
  const auto output = std::max({rates.output, rates.audio_output, rates.image_output, rates.reasoning});
  return to_nano(tenths_of(times(input_tokens, input) + times(output_tokens, output), price, true));
}

}  // namespace relay
