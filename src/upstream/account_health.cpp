#include "upstream/account_health.h"

#include <algorithm>
#include <cmath>

namespace relay {
namespace {

std::optional<std::int64_t> latency_shown(const AccountState& state, bool streamed, SteadyTime now) {
  const double latency = state.latency_ms(streamed, now);
  return latency < 0.5 ? std::nullopt : std::optional(static_cast<std::int64_t>(std::lround(latency)));
}

AccountCondition condition_of(const AccountHealth& health, const UpstreamAccount& account, WallTime now) {
  if (health.daily_spend_cap && health.spent_today >= *health.daily_spend_cap) return AccountCondition::spent;
  const auto rests_on = [now](const RestShown& rest) { return now < rest.until; };
  if (std::ranges::any_of(health.rests, rests_on)) return AccountCondition::resting;
  if (!health.rests.empty()) return AccountCondition::probing;
  if (account.concurrency > 0 && health.in_flight >= account.concurrency) return AccountCondition::busy;
  return AccountCondition::available;
}

}  // namespace

std::string_view to_string(AccountCondition condition) {
  switch (condition) {
    case AccountCondition::resting:
      return "resting";
    case AccountCondition::probing:
      return "probing";
    case AccountCondition::busy:
      return "busy";
    case AccountCondition::spent:
      return "spent";
    case AccountCondition::available:
      break;
  }
  return "available";
}

AccountHealth health_of(const UpstreamAccount& account, SteadyTime now, WallTime wall_now) {
  const auto& state = *account.state;
  AccountHealth health{.id = account.id,
                       .provider = account.provider,
                       .state = AccountCondition::available,
                       .rests = state.rests(),
                       .in_flight = state.in_flight(),
                       .stream_latency_ms = latency_shown(state, true, now),
                       .answer_latency_ms = latency_shown(state, false, now),
                       .spent_today = state.spent_today(wall_now),
                       .daily_spend_cap = account.daily_spend_cap};
  health.state = condition_of(health, account, wall_now);
  return health;
}

}  // namespace relay
