// An API key as the client API shows it, and the fields that a person may set.
#pragma once

#include "json/binding.h"
#include "store/api_key_store.h"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <vector>

namespace relay {

/// null is no limit. rpm and rpd are the first form's names of two of them.
struct RateLimitObject {
  std::optional<std::int64_t> requests_per_minute;
  std::optional<std::int64_t> tokens_per_minute;
  std::optional<std::int64_t> requests_per_day;
  std::optional<std::int64_t> tokens_per_day;
  std::optional<std::int64_t> concurrency;
  std::optional<std::int64_t> rpm;
  std::optional<std::int64_t> rpd;
};
BOOST_DESCRIBE_STRUCT(RateLimitObject, (),
                      (requests_per_minute, tokens_per_minute, requests_per_day, tokens_per_day, concurrency,
                       rpm, rpd))

/// USD as decimals; null is no budget of that kind. In reset_time null is midnight, in soft none.
struct BudgetObject {
  std::optional<std::string> daily;
  std::optional<std::string> weekly;
  std::optional<std::string> monthly;
  std::optional<std::string> total;
  std::optional<std::string> reset_time;
  std::optional<std::vector<std::string>> soft;
};
BOOST_DESCRIBE_STRUCT(BudgetObject, (), (daily, weekly, monthly, total, reset_time, soft))

/// Null in ttl_seconds: as long as the relay keeps answers by itself.
struct ResponseCacheObject {
  bool enabled = false;
  std::optional<Whole<1, kCacheTtlSecondsMax>> ttl_seconds;
};
BOOST_DESCRIBE_STRUCT(ResponseCacheObject, (), (enabled, ttl_seconds))

struct KeyObject {
  std::string id;
  std::string user_id;
  std::string key_prefix;
  std::string key_suffix;
  std::string key_display;
  std::string name;
  std::string description;
  std::vector<std::string> permissions;
  RateLimitObject rate_limit;
  BudgetObject budget;
  std::vector<std::string> models;
  std::int64_t usage_requests = 0;
  std::int64_t usage_tokens = 0;
  std::string usage_cost;
  std::optional<WallTime> last_used_at;
  std::optional<std::string> last_used_address;
  std::string status;
  std::optional<WallTime> expires_at;
  std::vector<std::string> ip_whitelist;
  std::vector<std::string> tags;
  boost::json::object metadata;
  ResponseCacheObject response_cache;
  std::optional<std::string> account_group;
  WallTime created_at;
  WallTime updated_at;
  WallTime verbatim_created_at;  // for clients of the first form
  WallTime verbatim_updated_at;
};
BOOST_DESCRIBE_STRUCT(KeyObject, (),
                      (id, user_id, key_prefix, key_suffix, key_display, name, description, permissions,
                       rate_limit, budget, models, usage_requests, usage_tokens, usage_cost, last_used_at,
                       last_used_address, status, expires_at, ip_whitelist, tags, metadata, response_cache,
                       account_group, created_at, updated_at, verbatim_created_at, verbatim_updated_at))

KeyObject to_key_object(const ApiKey& key, WallTime now);
RateLimitObject to_rate_limit_object(const RateLimit& limits);
/// validation on `rateLimit.<field>`.
Result<RateLimit> to_rate_limit(const RateLimitObject& object);
BudgetObject to_budget_object(const Budget& budget);
/// validation on `budget.<field>`, every wrong one named.
Result<Budget> to_budget(const BudgetObject& object);
/// From active or inactive; validation on `status`.
Result<bool> to_active(const std::string& status);

/// What POST and PUT take. A field that is absent stays as it is (or as a new key has it); null puts it back
/// to that. Objects and lists are replaced as a whole.
struct KeyFields {
  Patch<std::string> name;
  Patch<Text<0, 1000>> description;
  Patch<std::vector<std::string>> permissions;
  Patch<RateLimitObject> rate_limit;
  Patch<BudgetObject> budget;
  Patch<std::vector<std::string>> models;
  Patch<std::vector<std::string>> ip_whitelist;
  Patch<WallTime> expires_at;
  Patch<std::vector<std::string>> tags;
  Patch<boost::json::object> metadata;
  Patch<ResponseCacheObject> response_cache;
  Patch<std::string> status;  // active or inactive; PUT only
};
BOOST_DESCRIBE_STRUCT(KeyFields, (),
                      (name, description, permissions, rate_limit, budget, models, ip_whitelist, expires_at,
                       tags, metadata, response_cache, status))

/// validation with every wrong field named.
Result<ApiKeyChanges> to_key_changes(KeyFields fields);

}  // namespace relay
