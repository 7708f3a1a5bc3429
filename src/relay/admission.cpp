#include "relay/admission.h"

#include "metering/price_table.h"
#include "relay/exchange.h"
#include "service/quota_call.h"
#include "text/rfc3339.h"

#include <algorithm>

namespace relay {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kBytesOfTokenLeast = 3;
// Providers add what the body does not show: the words around tools, files that are named.
constexpr std::int64_t kInputPricedLeast = 2'048;
constexpr std::int64_t kOutputUnlessSaid = 32'768;
constexpr std::int64_t kOutputMost = 10'000'000;
constexpr std::int64_t kOutputHeldMost = 8'192;
constexpr auto kRetryAtMost = std::chrono::hours(24);

std::string_view subject_of(QuotaOwner owner) {
  switch (owner) {
    case QuotaOwner::key:
      return "This API key's";
    case QuotaOwner::user:
      return "Your account's";
    case QuotaOwner::plan:
      break;
  }
  return "Your plan's";
}

std::string_view short_name(QuotaOwner owner) {
  return owner == QuotaOwner::key ? "key" : owner == QuotaOwner::user ? "user" : "plan";
}

std::string unit_of(QuotaKind kind) {
  switch (kind) {
    case QuotaKind::tokens_per_minute:
      return " tokens per minute";
    case QuotaKind::tokens_per_day:
      return " tokens per day";
    case QuotaKind::tokens_per_month:
      return " tokens per month";
    default:
      return " requests per day";
  }
}

std::chrono::seconds up_to(WallTime at, WallTime now) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(at - now);
  return std::clamp<std::chrono::seconds>(seconds, 1s, kRetryAtMost);
}

Error budget_refusal(const QuotaLimit& limit, const QuotaState& state, WallTime now) {
  const bool is_total = limit.kind == QuotaKind::budget_total;
  const auto name = std::string(subject_of(limit.owner)) + (is_total ? " total" : " ") +
                    (is_total ? "" : std::string(period_of(limit.kind))) + " budget of " +
                    to_usd(limit.limit) + " USD ";
  if (state.used < limit.limit) {
    return Error(ErrorKind::payment_required, "budget_held",
                 name + "is held by calls that are running; what they do not use is free when they end")
        .retry_in(1s);
  }
  if (is_total) return {ErrorKind::payment_required, "budget_spent", name + "is spent"};
  return Error(ErrorKind::payment_required, "budget_spent",
               name + "is spent; it opens again at " + to_rfc3339(limit.ends_at))
      .retry_in(up_to(limit.ends_at, now));
}

}  // namespace

UpperEstimate upper_estimate(const Exchange& exchange, const PriceTable& prices) {
  if (exchange.operation.kind != RelayOperation::Kind::generate) return {};
  const auto input = static_cast<std::int64_t>(exchange.request_bytes) / kBytesOfTokenLeast + 1;
  const bool has_output = exchange.dialect != WireDialect::openai_embeddings;
  const auto output = has_output ? exchange.output_tokens_max.value_or(kOutputUnlessSaid) : 0;
  UpperEstimate estimate{.tokens = input + std::min(output, kOutputHeldMost)};
  const auto& key = *exchange.key;
  if (!key.budget.none() || !key.user_budget.none() || !key.plan_budget.none()) {
    estimate.nano_usd = prices.highest_cost(exchange.requested_model, std::max(input, kInputPricedLeast),
                                            std::min(output, kOutputMost), exchange.began);
  }
  return estimate;
}

Error quota_refusal(const QuotaCall& call, const QuotaDecision& decision, WallTime now) {
  const auto& limit = call.limits.at(decision.refused_by);
  const auto& state = decision.states.at(decision.refused_by);
  if (is_budget(limit.kind)) return budget_refusal(limit, state, now);
  auto opens_at = limit.ends_at;
  if (limit.kind == QuotaKind::tokens_per_minute)
    opens_at = now + until_room(state.used + state.held, limit.limit);
  else if (state.used < limit.limit)
    opens_at = now + 1s;  // held by calls that run
  return Error(ErrorKind::too_many_requests, "rate_limit_exceeded",
               std::string(subject_of(limit.owner)) + " limit of " + std::to_string(limit.limit) +
                   unit_of(limit.kind) + " is reached")
      .retry_in(up_to(opens_at, now));
}

void note_states(LimitFacts& facts, const QuotaCall& call, const QuotaDecision& decision, WallTime now) {
  for (std::size_t i = 0; i < call.count; ++i) {
    const auto& limit = call.limits.at(i);
    const auto& state = decision.states.at(i);
    const auto taken = state.used + state.held;
    if (is_budget(limit.kind)) {
      if (!limit.is_soft || state.used < limit.limit) continue;
      if (!facts.spent_budgets.empty()) facts.spent_budgets += ", ";
      facts.spent_budgets.append(short_name(limit.owner)).append(" ").append(period_of(limit.kind));
      continue;
    }
    const LimitFacts::Window window{.limit = limit.limit,
                                    .remaining = std::max<std::int64_t>(limit.limit - taken, 0),
                                    .resets_at = limit.kind == QuotaKind::tokens_per_minute
                                                     ? now + until_empty(taken, limit.limit)
                                                     : limit.ends_at};
    (counts_requests(limit.kind) ? facts.requests : facts.tokens).tighten(window);
  }
}

}  // namespace relay
