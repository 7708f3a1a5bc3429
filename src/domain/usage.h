// What a provider said a call used, in one form for every dialect.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace relay {

/// Token kinds that do not overlap: what was billed at which price. All counts are >= 0.
/// OpenAI's inclusive counts are split by the dialect's reader (input minus cached minus written).
struct Usage {
  std::int64_t input_tokens = 0;           // uncached
  std::int64_t cache_write_5m_tokens = 0;  // Anthropic 5-minute writes; OpenAI cache writes
  std::int64_t cache_write_1h_tokens = 0;
  std::int64_t cache_read_tokens = 0;
  std::int64_t output_tokens = 0;     // reasoning included
  std::int64_t reasoning_tokens = 0;  // part of output_tokens, for information
  std::int64_t web_search_requests = 0;
  std::int64_t web_fetch_requests = 0;

  std::int64_t total_input_tokens() const {
    return input_tokens + cache_write_5m_tokens + cache_write_1h_tokens + cache_read_tokens;
  }
  std::int64_t total_tokens() const { return total_input_tokens() + output_tokens; }
  friend bool operator==(const Usage&, const Usage&) = default;
};

/// What the provider's answer says of the billing mode; empty when it says nothing.
template <class Text>
struct BasicBillingMode {
  Text service_tier{};  // standard, priority, batch, flex, default
  Text speed{};         // standard, fast
  Text inference_geo{};
  friend bool operator==(const BasicBillingMode&, const BasicBillingMode&) = default;
};
using BillingMode = BasicBillingMode<std::string>;
using BillingModeView = BasicBillingMode<std::string_view>;  // of texts that somebody else owns

}  // namespace relay
