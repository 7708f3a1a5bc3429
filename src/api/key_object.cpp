#include "api/key_object.h"

#include "api/field_reader.h"
#include "api/object_values.h"
#include "api/user_object.h"
#include "domain/budget.h"

#include <boost/json/serialize.hpp>

namespace relay {
namespace {

constexpr std::size_t kMetadataBytesMax = 16 * 1024;

std::optional<std::string> usd(const std::optional<NanoUsd>& amount) {
  if (!amount) return std::nullopt;
  return to_usd(*amount);
}

void read_amount(const std::optional<std::string>& text, const char* field, std::optional<NanoUsd>& slot,
                 FieldReader& reader) {
  if (text) reader.take(parse_usd(*text, field), slot);
}

ResponseCacheObject to_response_cache_object(const std::optional<std::int64_t>& ttl_seconds) {
  ResponseCacheObject object{.enabled = ttl_seconds.has_value(), .ttl_seconds = std::nullopt};
  if (ttl_seconds && *ttl_seconds > 0) object.ttl_seconds.emplace(*ttl_seconds);
  return object;
}

std::optional<std::int64_t> to_cache_ttl(const ResponseCacheObject& object) {
  if (!object.enabled) return std::nullopt;
  return object.ttl_seconds ? object.ttl_seconds->value : 0;
}

Result<std::string> to_metadata(const boost::json::object& object) {
  auto text = boost::json::serialize(object);
  if (text.size() <= kMetadataBytesMax) return text;
  return Error(ErrorKind::validation, "metadata_too_large", "The metadata is too large")
      .on_field("metadata", "must have at most 16384 bytes");
}

}  // namespace

BudgetObject to_budget_object(const Budget& budget) {
  BudgetObject object{.daily = usd(budget.daily),
                      .weekly = usd(budget.weekly),
                      .monthly = usd(budget.monthly),
                      .total = usd(budget.total),
                      .reset_time = to_reset_time(budget.reset_minute),
                      .soft = std::vector<std::string>()};
  for (const auto period : kBudgetPeriods) {
    if (budget.is_soft(period)) object.soft->emplace_back(to_string(period));
  }
  return object;
}

Result<Budget> to_budget(const BudgetObject& object) {
  Budget budget;
  FieldReader reader;
  read_amount(object.daily, "budget.daily", budget.daily, reader);
  read_amount(object.weekly, "budget.weekly", budget.weekly, reader);
  read_amount(object.monthly, "budget.monthly", budget.monthly, reader);
  read_amount(object.total, "budget.total", budget.total, reader);
  if (object.reset_time) {
    std::optional<std::int64_t> minute;
    reader.take(parse_reset_time(*object.reset_time, "budget.resetTime"), minute);
    budget.reset_minute = minute.value_or(0);
  }
  for (const auto& word : object.soft.value_or(std::vector<std::string>())) {
    if (const auto period = parse_budget_period(word)) {
      budget.make_soft(*period);
      continue;
    }
    reader.refuse(Error(ErrorKind::validation, "budget_invalid", "The budget is not valid")
                      .on_field("budget.soft", "must be some of daily, weekly, monthly and total"));
    break;
  }
  CHECK(std::move(reader).outcome());
  return budget;
}

Result<RateLimit> to_rate_limit(const RateLimitObject& object) {
  const auto either = [](const auto& name, const auto& alias) { return name.value_or(alias.value_or(0)); };
  const RateLimit limits{.requests_per_minute = either(object.requests_per_minute, object.rpm),
                         .tokens_per_minute = object.tokens_per_minute.value_or(0),
                         .requests_per_day = either(object.requests_per_day, object.rpd),
                         .concurrency = object.concurrency.value_or(0),
                         .tokens_per_day = object.tokens_per_day.value_or(0)};
  auto checked = limits.check();
  if (checked.has_value()) return limits;
  // In the words that the caller used.
  const Error& error = checked.error();
  Error renamed(error.kind(), error.code(), error.message());
  for (const auto& [field, message] : error.fields()) {
    const bool is_rpm = field == "rateLimit.requestsPerMinute" && !object.requests_per_minute;
    const bool is_rpd = field == "rateLimit.requestsPerDay" && !object.requests_per_day;
    renamed.on_field(is_rpm ? "rateLimit.rpm" : is_rpd ? "rateLimit.rpd" : field, message);
  }
  return renamed;
}

Result<bool> to_active(const std::string& status) {
  if (status == "active") return true;
  if (status == "inactive") return false;
  return Error(ErrorKind::validation, "status_invalid", "The status is not valid")
      .on_field("status", "must be active or inactive");
}

RateLimitObject to_rate_limit_object(const RateLimit& limits) {
  return {.requests_per_minute = unless_zero(limits.requests_per_minute),
          .tokens_per_minute = unless_zero(limits.tokens_per_minute),
          .requests_per_day = unless_zero(limits.requests_per_day),
          .tokens_per_day = unless_zero(limits.tokens_per_day),
          .concurrency = unless_zero(limits.concurrency),
          .rpm = unless_zero(limits.requests_per_minute),
          .rpd = unless_zero(limits.requests_per_day)};
}

KeyObject to_key_object(const ApiKey& key, WallTime now) {
  KeyObject object{.id = key.id,
                   .user_id = key.user_id,
                   .key_prefix = key.prefix,
                   .key_suffix = key.suffix,
                   .key_display = key.prefix + "********" + key.suffix,
                   .name = key.name.text(),
                   .description = key.description,
                   .permissions = key.permissions.words(),
                   .rate_limit = to_rate_limit_object(key.limits),
                   .budget = to_budget_object(key.budget),
                   .models = key.models.patterns(),
                   .usage_requests = key.usage.requests,
                   .usage_tokens = key.usage.tokens,
                   .usage_cost = to_usd(key.usage.cost_nano_usd),
                   .last_used_at = key.last_used_at,
                   .last_used_address = std::nullopt,
                   .status = std::string(to_string(key.status_at(now))),
                   .expires_at = key.expires_at,
                   .ip_whitelist = key.ip_rules.entries(),
                   .tags = key.tags,
                   .metadata = to_json_object(key.metadata),
                   .response_cache = to_response_cache_object(key.cache_ttl_seconds),
                   .account_group = unless_empty(key.account_group),
                   .created_at = key.created_at,
                   .updated_at = key.updated_at,
                   .verbatim_created_at = key.created_at,
                   .verbatim_updated_at = key.updated_at};
  if (!key.last_used_address.empty()) object.last_used_address = key.last_used_address;
  return object;
}

Result<ApiKeyChanges> to_key_changes(KeyFields fields) {
  ApiKeyChanges changes;
  FieldReader reader;
  if (fields.name.present) reader.take(ApiKeyName::parse(fields.name.value.value_or("")), changes.name);
  if (fields.description.present) {
    changes.description = fields.description.sets() ? std::move(fields.description.value->value) : "";
  }
  if (fields.permissions.sets())
    reader.take(Permissions::parse(*fields.permissions.value), changes.permissions);
  if (fields.permissions.clears()) changes.permissions = Permissions();  // what the plan allows
  if (fields.rate_limit.present) {
    reader.take(to_rate_limit(fields.rate_limit.value.value_or(RateLimitObject{})), changes.limits);
  }
  if (fields.budget.present)
    reader.take(to_budget(fields.budget.value.value_or(BudgetObject{})), changes.budget);
  if (fields.models.present) {
    reader.take(ModelPatterns::parse(std::move(fields.models.value).value_or(std::vector<std::string>{})),
                changes.models);
  }
  if (fields.ip_whitelist.present) {
    reader.take(IpRules::parse(fields.ip_whitelist.value.value_or(std::vector<std::string>{})),
                changes.ip_rules);
  }
  if (fields.expires_at.present) changes.expires_at = fields.expires_at.value;
  if (fields.tags.present) {
    reader.take(parse_tags(std::move(fields.tags.value).value_or(std::vector<std::string>{})), changes.tags);
  }
  if (fields.metadata.present) {
    reader.take(to_metadata(fields.metadata.value.value_or(boost::json::object{})), changes.metadata);
  }
  if (fields.response_cache.present) {
    changes.cache_ttl_seconds = to_cache_ttl(fields.response_cache.value.value_or(ResponseCacheObject{}));
  }
  if (fields.status.present) reader.take(to_active(fields.status.value.value_or("")), changes.active);
  CHECK(std::move(reader).outcome());
  return changes;
}

}  // namespace relay
