// How an account is doing, in one look.
#pragma once

#include "upstream/account.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

enum class AccountCondition : std::uint8_t {
  available,
  resting,  // some model family of it, or all: see the rests
  probing,  // a rest is over, and one call tries or may try
  busy,     // as many calls as it takes
  spent,    // past its cap of the day
};
std::string_view to_string(AccountCondition condition);

/// The gravest condition first: spent, resting, probing, busy.
struct AccountHealth {
  std::string id;
  Provider provider = Provider::anthropic;
  AccountCondition state = AccountCondition::available;
  std::vector<RestShown> rests;
  int in_flight = 0;
  std::optional<std::int64_t> stream_latency_ms, answer_latency_ms;  // nothing: not asked lately
  NanoUsd spent_today = 0;
  std::optional<NanoUsd> daily_spend_cap;
};

AccountHealth health_of(const UpstreamAccount& account, SteadyTime now, WallTime wall_now);

}  // namespace relay
