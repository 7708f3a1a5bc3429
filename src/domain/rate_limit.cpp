#include "domain/rate_limit.h"

namespace relay {

Result<> RateLimit::check() const {
  constexpr std::int64_t kMost = 1'000'000'000;
  Error error(ErrorKind::validation, "rate_limit_invalid", "The rate limit is not valid");
  const auto look = [&error](const char* field, std::int64_t value) {
    if (value < 0 || value > kMost) error.on_field(field, "must be 0 (no limit) to 1000000000");
  };
  look("rateLimit.requestsPerMinute", requests_per_minute);
  look("rateLimit.tokensPerMinute", tokens_per_minute);
  look("rateLimit.requestsPerDay", requests_per_day);
  look("rateLimit.concurrency", concurrency);
  look("rateLimit.tokensPerDay", tokens_per_day);
  if (!error.fields().empty()) return error;
  return {};
}

}  // namespace relay
