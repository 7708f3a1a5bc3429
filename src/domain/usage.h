// What a provider said a call used, in one form for every dialect.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace relay {

/// All counts are >= 0. Kinds that have a price of their own do not overlap: OpenAI's inclusive counts are
/// split by the dialect's reader (input minus cached, written, audio and image). What is "part of output" is
/// in output_tokens too: reasoning has a price of its own only where a price line gives it another;
/// prediction tokens are for information.
struct Usage {
  std::int64_t input_tokens = 0;           // uncached text, and whatever is not told apart
  std::int64_t cache_write_5m_tokens = 0;  // Anthropic 5-minute writes; OpenAI cache writes
  std::int64_t cache_write_1h_tokens = 0;
  std::int64_t cache_read_tokens = 0;  // without cached audio, where that is known
  std::int64_t output_tokens = 0;      // reasoning included; without audio and images
  std::int64_t reasoning_tokens = 0;   // part of output_tokens
  std::int64_t web_search_requests = 0;
  std::int64_t web_fetch_requests = 0;
  std::int64_t audio_input_tokens = 0;  // uncached
  std::int64_t audio_cache_read_tokens = 0;
  std::int64_t audio_output_tokens = 0;
  std::int64_t image_input_tokens = 0;
  std::int64_t image_output_tokens = 0;
  std::int64_t accepted_prediction_tokens = 0;  // part of output_tokens
  std::int64_t rejected_prediction_tokens = 0;  // part of output_tokens: billed though not shown

  std::int64_t total_input_tokens() const {
    return input_tokens + cache_write_5m_tokens + cache_write_1h_tokens + cache_read_tokens +
           audio_input_tokens + audio_cache_read_tokens + image_input_tokens;
  }
  std::int64_t total_output_tokens() const {
    return output_tokens + audio_output_tokens + image_output_tokens;
  }
  std::int64_t total_tokens() const { return total_input_tokens() + total_output_tokens(); }
  friend bool operator==(const Usage&, const Usage&) = default;
};

/// A count, and the name that stores give it.
struct UsageCount {
  const char* name;
  std::int64_t Usage::*of;
  bool in_total;  // of total_tokens()
};

/// Every count, in the one order in which the journal and all stores keep them: a new one goes to the end.
inline constexpr std::array kUsageCounts{
    UsageCount{"input_tokens", &Usage::input_tokens, true},
    UsageCount{"cache_write_5m_tokens", &Usage::cache_write_5m_tokens, true},
    UsageCount{"cache_write_1h_tokens", &Usage::cache_write_1h_tokens, true},
    UsageCount{"cache_read_tokens", &Usage::cache_read_tokens, true},
    UsageCount{"output_tokens", &Usage::output_tokens, true},
    UsageCount{"reasoning_tokens", &Usage::reasoning_tokens, false},
    UsageCount{"web_search_requests", &Usage::web_search_requests, false},
    UsageCount{"web_fetch_requests", &Usage::web_fetch_requests, false},
    UsageCount{"audio_input_tokens", &Usage::audio_input_tokens, true},
    UsageCount{"audio_cache_read_tokens", &Usage::audio_cache_read_tokens, true},
    UsageCount{"audio_output_tokens", &Usage::audio_output_tokens, true},
    UsageCount{"image_input_tokens", &Usage::image_input_tokens, true},
    UsageCount{"image_output_tokens", &Usage::image_output_tokens, true},
    UsageCount{"accepted_prediction_tokens", &Usage::accepted_prediction_tokens, false},
    UsageCount{"rejected_prediction_tokens", &Usage::rejected_prediction_tokens, false},
};

/// Those that nearly every record has; the others are rare, and take no room where they are 0.
inline constexpr std::size_t kCommonUsageCounts = 8;

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
