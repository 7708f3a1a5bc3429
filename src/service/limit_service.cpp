#include "service/limit_service.h"

#include "service/quota_call.h"

namespace relay {

Task<std::vector<LimitStanding>> LimitService::of_key(std::string user_id, std::string key_id) {
  CO_TRY(const auto key, co_await parts_.keys.find(user_id, key_id));
  CO_TRY(auto access, co_await parts_.keys.find_access_by_id(key.id));
  co_return co_await standing(std::move(access));
}

Task<std::vector<LimitStanding>> LimitService::of_user(std::string user_id) {
  CO_TRY(const auto user, co_await parts_.users.find(user_id));
  CO_TRY(const auto plan, co_await parts_.plans.find(user.plan));
  KeyAccess access;
  access.user_id = user.id;
  access.timezone = user.timezone;
  access.user_limits = user.limits;
  access.user_budget = user.budget;
  access.plan_limits = plan.limits;
  access.plan_budget = plan.budget;
  access.tokens_per_month = plan.tokens_per_month;
  co_return co_await standing(std::move(access));
}

Task<std::vector<LimitStanding>> LimitService::standing(KeyAccess access) {
  const auto now = parts_.clock.now();
  const auto call = quotas_of(access, now);
  std::vector<LimitStanding> all;
  if (call.count == 0) co_return all;
  CO_TRY(const auto look, co_await parts_.quotas.look(call, now));
  for (std::size_t i = 0; i < call.count; ++i) {
    const auto& limit = call.limits.at(i);
    const auto& state = look.states.at(i);
    const bool is_bucket = limit.kind == QuotaKind::tokens_per_minute;
    all.push_back(
        {.limit = limit,
         .state = state,
         .resets_at = is_bucket ? now + until_empty(state.used + state.held, limit.limit) : limit.ends_at});
  }
  co_return all;
}

}  // namespace relay
