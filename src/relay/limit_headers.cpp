#include "relay/limit_headers.h"

#include "text/rfc3339.h"

namespace relay {
namespace {

std::string go_duration(std::chrono::milliseconds time) {
  const auto ms = time.count();
  if (ms < 1000) return std::to_string(ms) + "ms";
  const auto whole_seconds = (ms + 999) / 1000;
  if (whole_seconds < 60) return std::to_string(whole_seconds) + "s";
  return std::to_string(whole_seconds / 60) + "m" + std::to_string(whole_seconds % 60) + "s";
}

}  // namespace

void append_limit_headers(HttpAnswer& answer, const Exchange& exchange) {
  const auto limit = exchange.key->limits.requests_per_minute;
  if (limit == 0) return;
  const auto limit_text = std::to_string(limit);
  const auto remaining_text = std::to_string(exchange.rate.remaining);
  if (shape_of(exchange.dialect) == ErrorShape::anthropic) {
    answer.headers.push_back({"anthropic-ratelimit-requests-limit", limit_text});
    answer.headers.push_back({"anthropic-ratelimit-requests-remaining", remaining_text});
    answer.headers.push_back(
        {"anthropic-ratelimit-requests-reset", to_rfc3339(exchange.began + exchange.rate.reset_after)});
  } else {
    answer.headers.push_back({"x-ratelimit-limit-requests", limit_text});
    answer.headers.push_back({"x-ratelimit-remaining-requests", remaining_text});
    answer.headers.push_back({"x-ratelimit-reset-requests", go_duration(exchange.rate.reset_after)});
  }
}

}  // namespace relay
