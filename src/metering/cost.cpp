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

  // In tenths of a pico-dollar, so that the factor 1.1 is exact (platform.claude.com, "Data residency
  // pricing": it holds for every kind of token, not for tools).
  const bool served_in_us = price.provider == "anthropic" && mode.inference_geo == "us";
  const Wide tenths = tokens * (served_in_us ? 11 : 10) + searches * 10;
  constexpr Wide kTenthsPerNano = kPicoPerNano * 10;
  const Wide nano = (tenths + kTenthsPerNano / 2) / kTenthsPerNano;
  return static_cast<NanoUsd>(std::min<Wide>(nano, INT64_MAX));
}

}  // namespace relay
