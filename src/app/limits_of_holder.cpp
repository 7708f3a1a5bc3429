#include "app/limits_of_holder.h"

#include "store/api_key_store.h"
#include "store/user_store.h"

#include <utility>

namespace relay {
namespace {

struct Holder {
  std::string user_id;
  std::string key_id;  // empty: the user
  RateLimit limits;
  Budget budget;
};

Task<Holder> find_holder(PeopleParts parts, std::string whose) {
  Holder holder;
  if (whose.starts_with("key_")) {
    CO_TRY(const auto key, co_await parts.stores.keys().find_by_id(std::move(whose)));
    holder = {.user_id = key.user_id, .key_id = key.id, .limits = key.limits, .budget = key.budget};
    co_return holder;
  }
  CO_TRY(auto address, EmailAddress::parse(whose));
  CO_TRY(const auto user, co_await parts.stores.users().find_by_email(std::move(address)));
  holder = {.user_id = user.id, .key_id = {}, .limits = user.limits, .budget = user.budget};
  co_return holder;
}

Task<> change_holder(PeopleParts parts, Holder holder, std::optional<RateLimit> limits,
                     std::optional<Budget> budget) {
  const auto now = parts.clock.now();
  AuditAct act{.action = audit_action::kUserUpdated, .user_id = holder.user_id, .target = holder.key_id};
  act.details.emplace_back(limits ? "rateLimit" : "budget", "changed");
  if (holder.key_id.empty()) {
    UserChanges changes;
    changes.limits = limits;
    changes.budget = budget;
    CO_TRY(const auto user, co_await parts.stores.users().update(holder.user_id, std::move(changes), now));
    static_cast<void>(user);
  } else {
    act.action = audit_action::kKeyUpdated;
    ApiKeyChanges changes;
    changes.limits = limits;
    changes.budget = budget;
    CO_TRY(const auto key,
           co_await parts.stores.keys().update(holder.user_id, holder.key_id, std::move(changes), now));
    static_cast<void>(key);
  }
  co_return co_await note_of_operator(parts, std::move(act));
}

Result<> change_amount(std::optional<NanoUsd>& amount, const std::string& text, const char* field) {
  if (text.empty()) return ok;
  if (text == "none") {
    amount.reset();
    return ok;
  }
  TRY(amount, parse_usd(text, field));
  return ok;
}

Result<> change_soft(Budget& budget, const std::vector<std::string>& periods) {
  if (periods.empty()) return ok;
  budget.soft_periods = 0;
  if (periods.size() == 1 && periods[0] == "none") return ok;
  for (const auto& word : periods) {
    const auto period = parse_budget_period(word);
    if (!period) {
      return Error(ErrorKind::validation, "budget_invalid", "The budget is not valid")
          .on_field("soft", "must be some of daily, weekly, monthly and total, or none");
    }
    budget.make_soft(*period);
  }
  return ok;
}

Result<Budget> changed_budget(Budget budget, const BudgetFields& fields) {
  CHECK(change_amount(budget.daily, fields.daily, "daily"));
  CHECK(change_amount(budget.weekly, fields.weekly, "weekly"));
  CHECK(change_amount(budget.monthly, fields.monthly, "monthly"));
  CHECK(change_amount(budget.total, fields.total, "total"));
  if (!fields.reset_time.empty()) {
    TRY(budget.reset_minute, parse_reset_time(fields.reset_time, "resetTime"));
  }
  CHECK(change_soft(budget, fields.soft));
  return budget;
}

}  // namespace

Task<RateLimit> set_limits(PeopleParts parts, std::string whose, LimitFields fields) {
  CO_TRY(auto holder, co_await find_holder(parts, std::move(whose)));
  auto limits = holder.limits;
  const auto take = [](std::int64_t& limit, const std::optional<std::int64_t>& value) {
    limit = value.value_or(limit);
  };
  take(limits.requests_per_minute, fields.requests_per_minute);
  take(limits.tokens_per_minute, fields.tokens_per_minute);
  take(limits.requests_per_day, fields.requests_per_day);
  take(limits.tokens_per_day, fields.tokens_per_day);
  take(limits.concurrency, fields.concurrency);
  CO_CHECK(limits.check());
  CO_CHECK(co_await change_holder(parts, std::move(holder), limits, std::nullopt));
  co_return limits;
}

Task<Budget> set_budget(PeopleParts parts, std::string whose, BudgetFields fields) {
  CO_TRY(auto holder, co_await find_holder(parts, std::move(whose)));
  CO_TRY(auto budget, changed_budget(holder.budget, fields));
  CO_CHECK(co_await change_holder(parts, std::move(holder), std::nullopt, budget));
  co_return budget;
}

}  // namespace relay
