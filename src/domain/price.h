// What a model's tokens cost from a date on.
#pragma once

#include "base/clock.h"
#include "domain/money.h"

#include <string>

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
};

}  // namespace relay
