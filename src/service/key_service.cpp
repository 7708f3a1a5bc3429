#include "service/key_service.h"

#include "domain/identifier.h"
#include "service/device.h"

#include <algorithm>

namespace relay {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kDefaultDays = 30;
constexpr std::int64_t kPointsMax = 1'000;

Error name_required() {
  return Error(ErrorKind::validation, "name_required", "API key name is required")
      .on_field("name", "is required");
}

Error not_in_plan(const Plan& plan) {
  return Error(ErrorKind::forbidden, "permission_not_in_plan", "Your plan does not include these permissions")
      .on_field("permissions", "must be among " + plan.permissions.to_text());
}

Error unknown_key() { return Error(ErrorKind::unauthorized, "api_key_unknown", "Invalid API key"); }

Result<> check_expiry(const ApiKeyChanges& changes, WallTime now) {
  if (!changes.expires_at || !*changes.expires_at || **changes.expires_at > now) return ok;
  return Error(ErrorKind::validation, "expires_at_past", "The key would be expired already")
      .on_field("expiresAt", "must be in the future");
}

Result<> check_permissions(const ApiKeyChanges& changes, const Plan& plan) {
  if (!changes.permissions) return ok;
  const auto allowed = changes.permissions->and_also(plan.permissions);
  if (allowed == *changes.permissions) return ok;
  return not_in_plan(plan);
}

void apply(ApiKeyChanges fields, ApiKey& key) {
  if (fields.description) key.description = *std::move(fields.description);
  if (fields.permissions) key.permissions = *fields.permissions;
  if (fields.limits) key.limits = *fields.limits;
  if (fields.budget) key.budget = *fields.budget;
  if (fields.models) key.models = *std::move(fields.models);
  if (fields.ip_rules) key.ip_rules = *std::move(fields.ip_rules);
  if (fields.expires_at) key.expires_at = *fields.expires_at;
  if (fields.tags) key.tags = *std::move(fields.tags);
  if (fields.metadata) key.metadata = *std::move(fields.metadata);
}

std::chrono::milliseconds length_of(UsageGranularity granularity) {
  switch (granularity) {
    case UsageGranularity::hour:
      return 1h;
    case UsageGranularity::day:
      return 24h;
    case UsageGranularity::month:
      return 24h * 28;
  }
  return 24h;
}

}  // namespace

Task<Plan> KeyService::plan_of(std::string user_id) {
  CO_TRY(auto user, co_await parts_.users.find(std::move(user_id)));
  co_return co_await parts_.plans.find(std::move(user.plan));
}

void KeyService::tell_changed(const ApiKey& key) {
  parts_.invalidation.key_changed(key.hash);
  if (key.retiring) parts_.invalidation.key_changed(key.retiring->hash);
}

Task<NewApiKey> KeyService::create(std::string user_id, ApiKeyChanges fields) {
  if (!fields.name) co_return name_required();
  const auto now = parts_.clock.now();
  CO_CHECK(check_expiry(fields, now));
  CO_TRY(auto plan, co_await plan_of(user_id));
  CO_CHECK(check_permissions(fields, plan));

  const auto secret = ApiKeySecret::generate(parts_.random);
  ApiKey key{.id = make_identifier("key_", now, parts_.random),
             .user_id = std::move(user_id),
             .name = *fields.name,
             .hash = ApiKeyHash::of(secret),
             .prefix = secret.prefix(),
             .suffix = secret.suffix(),
             .permissions = plan.permissions,
             .created_at = now,
             .updated_at = now};
  apply(std::move(fields), key);
  CO_CHECK(co_await parts_.keys.insert(key, plan.max_keys));
  auto notice = key_created_notice(key, now);
  static_cast<void>(co_await parts_.notifications.tell(key.user_id, std::move(notice)));
  co_return NewApiKey{.secret = secret, .key = std::move(key)};
}

Task<Page<ApiKey>> KeyService::list(std::string user_id, ApiKeyFilter filter, PageRequest page) {
  filter.now = parts_.clock.now();
  return parts_.keys.list_by_user(std::move(user_id), std::move(filter), std::move(page));
}

Task<ApiKey> KeyService::find(std::string user_id, std::string key_id) {
  return parts_.keys.find(std::move(user_id), std::move(key_id));
}

Task<ApiKey> KeyService::update(std::string user_id, std::string key_id, ApiKeyChanges changes) {
  const auto now = parts_.clock.now();
  CO_CHECK(check_expiry(changes, now));
  if (changes.permissions) {
    CO_TRY(auto plan, co_await plan_of(user_id));
    CO_CHECK(check_permissions(changes, plan));
  }
  CO_TRY(auto key,
         co_await parts_.keys.update(std::move(user_id), std::move(key_id), std::move(changes), now));
  tell_changed(key);
  co_return key;
}

Task<> KeyService::revoke(std::string user_id, std::string key_id) {
  CO_TRY(auto key, co_await parts_.keys.find(user_id, key_id));
  CO_CHECK(co_await parts_.keys.revoke(std::move(user_id), std::move(key_id), parts_.clock.now()));
  tell_changed(key);
  co_return ok;
}

Task<NewApiKey> KeyService::regenerate(std::string user_id, std::string key_id, std::chrono::seconds grace) {
  const auto now = parts_.clock.now();
  CO_TRY(auto before, co_await parts_.keys.find(user_id, key_id));
  const auto secret = ApiKeySecret::generate(parts_.random);
  SecretReplacement replacement{.hash = ApiKeyHash::of(secret),
                                .prefix = secret.prefix(),
                                .suffix = secret.suffix(),
                                .old_until = std::nullopt};
  if (grace > 0s) replacement.old_until = now + grace;
  CO_TRY(auto key, co_await parts_.keys.replace_secret(std::move(user_id), std::move(key_id),
                                                       std::move(replacement), now));
  tell_changed(before);
  tell_changed(key);
  co_return NewApiKey{.secret = secret, .key = std::move(key)};
}

Task<VerifiedKey> KeyService::verify(std::string secret_text, Device device) {
  CO_CHECK(co_await parts_.limits.count(AuthAction::verify_key, std::move(device)));
  auto secret = ApiKeySecret::parse(secret_text);
  if (secret.has_error()) co_return unknown_key();

  const auto now = parts_.clock.now();
  auto access = co_await parts_.keys.find_access(ApiKeyHash::of(*secret));
  if (access.has_error()) {
    if (access.error().kind() == ErrorKind::not_found) co_return unknown_key();
    co_return std::move(access).error();
  }
  if (access->secret_until && *access->secret_until <= now) co_return unknown_key();
  CO_TRY(auto key, co_await parts_.keys.find(access->user_id, access->key_id));
  co_return VerifiedKey{.key = std::move(key), .usable = access->check_usable(now).has_value()};
}

Task<KeyUsage> KeyService::usage(std::string user_id, std::string key_id, UsageRange range) {
  CO_TRY(auto key, co_await parts_.keys.find(user_id, key_id));
  CO_TRY(auto access, co_await parts_.keys.find_access_by_id(key_id));

  // Whole days unless the range says otherwise: those are read from the roll-ups.
  const auto tomorrow = std::chrono::floor<std::chrono::days>(parts_.clock.now()) + std::chrono::days(1);
  const auto to = range.days ? WallTime(tomorrow) : range.to.value_or(tomorrow);
  const std::chrono::days length(range.days.value_or(kDefaultDays));
  UsageQuery query{.user_id = std::move(user_id),
                   .key_id = std::move(key_id),
                   .from = range.days ? to - length : range.from.value_or(to - length),
                   .to = to,
                   .granularity = range.days ? UsageGranularity::day : range.granularity,
                   .by_model = range.by_model};
  if (query.from >= query.to) {
    co_return Error(ErrorKind::validation, "range_empty", "The range is empty")
        .on_field("from", "must be before to");
  }
  if ((query.to - query.from) / length_of(query.granularity) > kPointsMax) {
    co_return Error(ErrorKind::validation, "range_too_long", "The range has more than 1000 points")
        .on_field("from", "must be nearer to to, or the granularity coarser");
  }
  CO_TRY(auto report, co_await parts_.usage.report(query));
  co_return KeyUsage{
      .key = std::move(key), .limits = access.limits, .query = std::move(query), .report = std::move(report)};
}

}  // namespace relay
