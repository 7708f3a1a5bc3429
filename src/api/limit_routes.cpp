#include "api/limit_routes.h"

#include "api/stated_errors.h"
#include "domain/budget.h"
#include "json/binding.h"
#include "service/limit_service.h"
#include "service/quota_call.h"

#include <algorithm>

namespace relay {
namespace {

struct StandingLimitObject {
  std::string of;
  std::string name;
  std::int64_t limit = 0;
  std::int64_t used = 0;
  std::int64_t held = 0;
  std::int64_t remaining = 0;
  WallTime resets_at;
};
BOOST_DESCRIBE_STRUCT(StandingLimitObject, (), (of, name, limit, used, held, remaining, resets_at))

struct StandingBudgetObject {
  std::string of;
  std::string period;
  std::string limit;
  std::string spent;
  std::string held;
  std::string remaining;
  bool soft = false;
  std::optional<WallTime> began_at;
  std::optional<WallTime> resets_at;
};
BOOST_DESCRIBE_STRUCT(StandingBudgetObject, (),
                      (of, period, limit, spent, held, remaining, soft, began_at, resets_at))

struct StandingObject {
  std::vector<StandingLimitObject> limits;
  std::vector<StandingBudgetObject> budgets;
};
BOOST_DESCRIBE_STRUCT(StandingObject, (), (limits, budgets))

std::string owner_word(QuotaOwner owner) {
  return owner == QuotaOwner::key ? "key" : owner == QuotaOwner::user ? "user" : "plan";
}

std::string limit_word(QuotaKind kind) {
  if (kind == QuotaKind::tokens_per_minute) return "tokensPerMinute";
  if (kind == QuotaKind::tokens_per_month) return "tokensPerMonth";
  return kind == QuotaKind::requests_per_day ? "requestsPerDay" : "tokensPerDay";
}

Reply<StandingObject> to_reply(const std::vector<LimitStanding>& all) {
  StandingObject object;
  for (const auto& [limit, state, resets_at] : all) {
    const auto remaining = std::max<std::int64_t>(limit.limit - state.used - state.held, 0);
    if (!is_budget(limit.kind)) {
      object.limits.push_back({.of = owner_word(limit.owner),
                               .name = limit_word(limit.kind),
                               .limit = limit.limit,
                               .used = state.used,
                               .held = state.held,
                               .remaining = remaining,
                               .resets_at = resets_at});
      continue;
    }
    StandingBudgetObject budget{.of = owner_word(limit.owner),
                                .period = std::string(period_of(limit.kind)),
                                .limit = to_usd(limit.limit),
                                .spent = to_usd(state.used),
                                .held = to_usd(state.held),
                                .remaining = to_usd(remaining),
                                .soft = limit.is_soft,
                                .began_at = std::nullopt,
                                .resets_at = std::nullopt};
    if (limit.kind != QuotaKind::budget_total) {
      budget.began_at = limit.starts_at;
      budget.resets_at = limit.ends_at;
    }
    object.budgets.push_back(std::move(budget));
  }
  return {.data = std::move(object)};
}

Task<Reply<StandingObject>> of_key(LimitService& limits, Call call) {
  CO_TRY(const auto all, co_await limits.of_key(std::move(call.user_id), std::move(call.path_values.at(0))));
  co_return to_reply(all);
}

Task<Reply<StandingObject>> of_user(LimitService& limits, Call call) {
  CO_TRY(const auto all, co_await limits.of_user(std::move(call.user_id)));
  co_return to_reply(all);
}

}  // namespace

std::vector<Route> limit_routes(LimitService& limits) {
  std::vector<Route> routes;
  routes.push_back(make_route<NoFields, StandingObject>(
      {"GET",
       "/keys/{id}/limits",
       Access::bearer,
       "getKeyLimits",
       "What is used and held of each limit and budget that holds for an API key, and when it opens again",
       {kNoSuchKey}},
      [&limits](Call call, NoFields) { return of_key(limits, std::move(call)); }));
  routes.push_back(make_route<NoFields, StandingObject>(
      {"GET", "/users/limits", Access::bearer, "getLimits",
       "What is used and held of each limit and budget of one's account and plan, and when it opens again"},
      [&limits](Call call, NoFields) { return of_user(limits, std::move(call)); }));
  return routes;
}

}  // namespace relay
