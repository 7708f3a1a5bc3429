#include "store/redis/redis_plan_store.h"

#include "store/redis/redis_limit_fields.h"
#include "store/redis/redis_reading.h"

#include <algorithm>
#include <tuple>

namespace relay {
namespace {

const RedisScript& plan_script() {
  static const RedisScript made = store_script("plan_store.lua");
  return made;
}

Result<Plan> to_plan(const RedisReply& reply) {
  Plan plan;
  std::string permissions;
  std::optional<std::string> account_group;
  RedisRow row(reply);
  if (row.is_empty()) return Error(ErrorKind::not_found, "plan_unknown", "Plan not found");
  row.into("id", plan.id).into("name", plan.name).into("monthly_price_nano_usd", plan.monthly_price);
  row.into("max_keys", plan.max_keys).into("tokens_per_month", plan.tokens_per_month);
  read(row, plan.limits);
  read(row, plan.budget);
  row.into_if_there("priority", plan.priority);
  row.into("permissions", permissions).into("account_group", account_group);
  CHECK(row.check());
  TRY(plan.permissions, Permissions::from_store(permissions));
  plan.account_group = account_group.value_or("");
  return plan;
}

Task<std::vector<Plan>> list_by_price(RedisDatabase& database) {
  RedisWords words("list");
  auto place = place_before_all();
  CO_TRY(auto plans,
         co_await read_list(database, plan_script(), std::move(words), std::move(place), kAllRows, to_plan));
  std::ranges::sort(plans, {}, [](const Plan& plan) { return std::tie(plan.monthly_price, plan.id); });
  co_return plans;
}

}  // namespace

Task<std::vector<Plan>> RedisPlanStore::list() { return list_by_price(database_); }

Task<Plan> RedisPlanStore::find(std::string plan_id) {
  return read_one(database_, plan_script(), RedisWords("find").add(std::move(plan_id)), to_plan);
}

Task<> RedisPlanStore::put(Plan plan) {
  RedisFields row;
  row.set("id", plan.id).set("name", plan.name).set("monthly_price_nano_usd", plan.monthly_price);
  row.set("max_keys", plan.max_keys).set("tokens_per_month", plan.tokens_per_month);
  set(row, plan.limits);
  set(row, plan.budget);
  row.set("priority", plan.priority);
  row.set("permissions", plan.permissions.to_text()).set_or_null("account_group", plan.account_group);
  return database_.perform(plan_script(), RedisWords("put").add(row));
}

}  // namespace relay
