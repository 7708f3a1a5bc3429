// How much may be asked for in a time. 0 always means: no limit of this kind.
#pragma once

#include "base/result.h"

#include <cstdint>

namespace relay {

struct RateLimit {
  std::int64_t requests_per_minute = 0;
  std::int64_t tokens_per_minute = 0;
  std::int64_t requests_per_day = 0;
  std::int64_t concurrency = 0;
  std::int64_t tokens_per_day = 0;

  bool none() const { return *this == RateLimit{}; }

  /// validation on `rateLimit.<field>`, every wrong field named: each is 0 to 1'000'000'000.
  Result<> check() const;

  friend bool operator==(const RateLimit&, const RateLimit&) = default;
};

/// The stricter one of two limits; 0 is no limit.
constexpr std::int64_t stricter(std::int64_t a, std::int64_t b) {
  if (a == 0) return b;
  if (b == 0) return a;
  return a < b ? a : b;
}

/// Field by field: the smallest of key, user and plan holds.
constexpr RateLimit stricter(const RateLimit& a, const RateLimit& b) {
  return {.requests_per_minute = stricter(a.requests_per_minute, b.requests_per_minute),
          .tokens_per_minute = stricter(a.tokens_per_minute, b.tokens_per_minute),
          .requests_per_day = stricter(a.requests_per_day, b.requests_per_day),
          .concurrency = stricter(a.concurrency, b.concurrency),
          .tokens_per_day = stricter(a.tokens_per_day, b.tokens_per_day)};
}

}  // namespace relay
