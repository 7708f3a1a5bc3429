#include "store/redis/redis_api_key_row.h"

#include "store/redis/redis_limit_fields.h"
#include "text/lines.h"

namespace relay {
Result<ApiKey> to_api_key(const RedisReply& reply) {
  // Values with rules are text until they are parsed.
  std::string id, user_id, name, description, hash, prefix, suffix, status, permissions, models, ip_rules,
      tags, metadata, last_used_address;
  std::optional<std::string> retiring_hash;
  std::optional<WallTime> retiring_until, expires_at, last_used_at;
  std::optional<std::int64_t> cache_ttl_seconds;
  std::optional<std::string> account_group;
  RateLimit limits;
  Budget budget;
  UsageCounters usage;
  WallTime created_at, updated_at;
  RedisRow row(reply);
  row.into("id", id).into("user_id", user_id).into("name", name).into("description", description);
  row.into("key_hash", hash).into("key_prefix", prefix).into("key_suffix", suffix);
  row.into("retiring_hash", retiring_hash).into("retiring_until_ms", retiring_until);
  row.into("status", status).into("permissions", permissions);
  read(row, limits);
  read(row, budget);
  row.into("models", models).into("ip_rules", ip_rules).into("tags", tags).into("metadata", metadata);
  row.into("usage_requests", usage.requests).into("usage_tokens", usage.tokens);
  row.into("usage_cost_nano_usd", usage.cost_nano_usd).into("expires_at_ms", expires_at);
  row.into("last_used_at_ms", last_used_at).into("last_used_address", last_used_address);
  row.into("created_at_ms", created_at).into("updated_at_ms", updated_at);
  row.into("cache_ttl_seconds", cache_ttl_seconds).into("account_group", account_group);
  CHECK(row.check());

  TRY(const auto parsed_hash, ApiKeyHash::from_store(hash));
  std::optional<RetiringSecret> retiring;
  if (retiring_hash && retiring_until) {
    TRY(const auto old_hash, ApiKeyHash::from_store(*retiring_hash));
    retiring = RetiringSecret{.hash = old_hash, .until = *retiring_until};
  }
  TRY(const auto parsed_status, parse_api_key_status(status));
  TRY(const auto parsed_permissions, Permissions::from_store(permissions));
  TRY(auto parsed_rules, IpRules::from_store(ip_rules));
  return ApiKey{.id = std::move(id),
                .user_id = std::move(user_id),
                .name = ApiKeyName::from_store(std::move(name)),
                .description = std::move(description),
                .hash = parsed_hash,
                .prefix = std::move(prefix),
                .suffix = std::move(suffix),
                .retiring = retiring,
                .status = parsed_status,
                .permissions = parsed_permissions,
                .limits = limits,
                .budget = budget,
                .models = ModelPatterns::from_store(models),
                .ip_rules = std::move(parsed_rules),
                .tags = split_lines(tags),
                .metadata = std::move(metadata),
                .cache_ttl_seconds = cache_ttl_seconds,
                .account_group = account_group.value_or(""),
                .usage = usage,
                .expires_at = expires_at,
                .last_used_at = last_used_at,
                .last_used_address = std::move(last_used_address),
                .created_at = created_at,
                .updated_at = updated_at};
}

Result<KeyAccess> to_key_access(const RedisReply& rows) {
  if (rows.items.size() != 4) return broken_store("a key without its user and plan");
  KeyAccess access;
  std::string key_status, user_status, key_permissions, plan_permissions, models, ip_rules;
  std::optional<WallTime> retiring_until;
  std::optional<std::string> group_of_key, group_of_plan;

  RedisRow key(rows.items[0]);
  key.into("id", access.key_id).into("user_id", access.user_id).into("status", key_status);
  key.into("expires_at_ms", access.expires_at).into("retiring_until_ms", retiring_until);
  key.into("permissions", key_permissions).into("models", models).into("ip_rules", ip_rules);
  read(key, access.limits);
  read(key, access.budget);
  key.into("cache_ttl_seconds", access.cache_ttl_seconds).into("account_group", group_of_key);
  CHECK(key.check());

  RedisRow user(rows.items[1]);
  user.into("plan_id", access.plan).into("status", user_status).into("timezone", access.timezone);
  read(user, access.user_limits);
  read(user, access.user_budget);
  CHECK(user.check());

  RedisRow plan(rows.items[2]);
  plan.into("permissions", plan_permissions).into("tokens_per_month", access.tokens_per_month);
  plan.into("account_group", group_of_plan);
  read(plan, access.plan_limits);
  read(plan, access.plan_budget);
  plan.into_if_there("priority", access.plan_priority);
  CHECK(plan.check());

  TRY(access.key_status, parse_api_key_status(key_status));
  TRY(access.user_status, parse_user_status(user_status));
  TRY(const auto allowed_to_key, Permissions::from_store(key_permissions));
  TRY(const auto allowed_by_plan, Permissions::from_store(plan_permissions));
  access.permissions = allowed_to_key.and_also(allowed_by_plan);
  access.models = ModelPatterns::from_store(models);
  TRY(access.ip_rules, IpRules::from_store(ip_rules));
  access.account_group = group_of_key ? *group_of_key : group_of_plan.value_or("");
  if (rows.items[3].number == 1) access.secret_until = retiring_until;
  return access;
}

RedisFields to_fields(const ApiKey& key) {
  RedisFields out;
  out.set("id", key.id).set("user_id", key.user_id).set("name", key.name.text());
  out.set("description", key.description).set("key_hash", key.hash.hex());
  out.set("key_prefix", key.prefix).set("key_suffix", key.suffix);
  if (key.retiring) {
    out.set("retiring_hash", key.retiring->hash.hex()).set("retiring_until_ms", key.retiring->until);
  }
  out.set("status", to_string(key.status)).set("permissions", key.permissions.to_text());
  set(out, key.limits);
  set(out, key.budget);
  out.set("models", key.models.to_text()).set("ip_rules", key.ip_rules.to_text());
  out.set("tags", join_lines(key.tags)).set("metadata", key.metadata);
  out.set("usage_requests", std::int64_t{0}).set("usage_tokens", std::int64_t{0});
  out.set("usage_cost_nano_usd", std::int64_t{0}).set("expires_at_ms", key.expires_at);
  out.set("last_used_at_ms", key.last_used_at).set("last_used_address", key.last_used_address);
  out.set("created_at_ms", key.created_at).set("updated_at_ms", key.updated_at);
  out.set("cache_ttl_seconds", key.cache_ttl_seconds).set_or_null("account_group", key.account_group);
  return out;
}

RedisFields to_fields(const ApiKeyChanges& changes, WallTime now) {
  RedisFields out;
  if (changes.name) out.set("name", changes.name->text());
  out.set_if("description", changes.description);
  if (changes.active) out.set("status", *changes.active ? "active" : "inactive");
  if (changes.permissions) out.set("permissions", changes.permissions->to_text());
  if (changes.limits) set(out, *changes.limits);
  if (changes.budget) set(out, *changes.budget);
  if (changes.models) out.set("models", changes.models->to_text());
  if (changes.ip_rules) out.set("ip_rules", changes.ip_rules->to_text());
  out.set_if("expires_at_ms", changes.expires_at);
  if (changes.tags) out.set("tags", join_lines(*changes.tags));
  out.set_if("metadata", changes.metadata);
  out.set_if("cache_ttl_seconds", changes.cache_ttl_seconds);
  if (changes.account_group) out.set_or_null("account_group", *changes.account_group);
  out.set("updated_at_ms", now);
  return out;
}

}  // namespace relay
