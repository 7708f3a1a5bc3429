// What a call cost: its usage times a line of the price table. Pure integers.
#pragma once

#include "domain/price.h"
#include "domain/usage.h"

#include <string_view>

namespace relay {

/// The tier of the price table that the provider's answer asks for: batch, flex, priority, fast, or standard
/// for everything else ("default", "auto", "", a word we do not know). Batch and flex win over fast.
std::string_view price_tier(const BillingModeView& mode);

/// Tokens and web searches at the rates of `price`, which was found for this usage's total input, so that a
/// context_over line prices the whole request. Anthropic tokens served with inference_geo "us" cost 1.1 times
/// as much (exactly). The sum is held in 128 bits and rounded once, half up; a sum past int64 stays at its
/// top. Counts below 0 count as 0.
NanoUsd cost_of(const Usage& usage, const BillingModeView& mode, const ModelPrice& price);

/// What so many tokens cost at most by this line: all of them of the dearest kind, and served in the US.
NanoUsd highest_cost_of(std::int64_t input_tokens, std::int64_t output_tokens, const ModelPrice& price);

}  // namespace relay
