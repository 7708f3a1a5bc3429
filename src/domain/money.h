// Money as integers. Prices are pico-dollars (1e-12 USD) per token, costs nano-dollars (1e-9 USD).
#pragma once

#include <cstdint>

namespace relay {

/// Price of one token (or one tool call) in pico-dollars: 3 USD per million tokens is 3'000'000.
using PicoUsd = std::int64_t;

/// What something cost, in nano-dollars. Rounded once per usage record, half up.
using NanoUsd = std::int64_t;

}  // namespace relay
