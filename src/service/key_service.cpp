#include "service/key_service.h"

#include "domain/identifier.h"
#include "service/device.h"

#include <algorithm>

namespace relay {
namespace {

using namespace std::chrono_literals;

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

Result<> check_permissions(ApiKeyChanges& changes, const Plan& plan) {
  if (!changes.permissions) return ok;
  if (changes.permissions->none()) changes.permissions = plan.permissions;
  const auto allowed = changes.permissions->and_also(plan.permissions);
  if (allowed == *changes.permissions) return ok;
  return not_in_plan(plan);
}

// Which fields, not what is in them; but whether the key works.
AuditDetails details_of(const ApiKeyChanges& changes) {
  std::string names;
  const auto add = [&names](bool is_set, const char* name) {
    if (is_set) names += (names.empty() ? "" : ",") + std::string(name);
  };
  add(changes.name.has_value(), "name");
  add(changes.description.has_value(), "description");
  add(changes.active.has_value(), "status");
  add(changes.permissions.has_value(), "permissions");
  add(changes.limits.has_value(), "rateLimit");
  add(changes.budget.has_value(), "budget");
  add(changes.models.has_value(), "models");
  add(changes.ip_rules.has_value(), "ipWhitelist");
  add(changes.expires_at.has_value(), "expiresAt");
  add(changes.tags.has_value(), "tags");
  add(changes.metadata.has_value(), "metadata");
  add(changes.cache_ttl_seconds.has_value(), "responseCache");
  AuditDetails details{{"changed", std::move(names)}};
  if (changes.active) details.emplace_back("status", *changes.active ? "active" : "inactive");
  return details;
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
  if (fields.cache_ttl_seconds) key.cache_ttl_seconds = *fields.cache_ttl_seconds;
}

}  // namespace

Task<Plan> KeyService::plan_of(std::string user_id) {
  CO_TRY(auto user, co_await parts_.users.find(std::move(user_id)));
  co_return co_await parts_.plans.find(std::move(user.plan));
}

// Not a coroutine: what it is given is taken over before it returns.
Task<> KeyService::note(std::string_view action, Actor owner, const ApiKey& key, AuditDetails details) {
  auto act = act_of_user(action, std::move(owner.user_id), key.id);
  act.details = std::move(details);
  act.details.emplace_back("name", key.name.text());
  return parts_.audit.record(std::move(act), std::move(owner.device));
}

Task<NewApiKey> KeyService::create(Actor owner, ApiKeyChanges fields) {
  if (!fields.name) co_return name_required();
  const auto now = parts_.clock.now();
  CO_CHECK(check_expiry(fields, now));
  CO_TRY(auto plan, co_await plan_of(owner.user_id));
  CO_CHECK(check_permissions(fields, plan));

  const auto secret = ApiKeySecret::generate(parts_.random);
  ApiKey key{.id = make_identifier("key_", now, parts_.random),
             .user_id = owner.user_id,
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
  CO_CHECK(co_await note(audit_action::kKeyCreated, std::move(owner), key));
  co_return NewApiKey{.secret = secret, .key = std::move(key)};
}

Task<Page<ApiKey>> KeyService::list(std::string user_id, ApiKeyFilter filter, PageRequest page) {
  filter.now = parts_.clock.now();
  return parts_.keys.list_by_user(std::move(user_id), std::move(filter), std::move(page));
}

Task<ApiKey> KeyService::find(std::string user_id, std::string key_id) {
  return parts_.keys.find(std::move(user_id), std::move(key_id));
}

Task<ApiKey> KeyService::update(Actor owner, std::string key_id, ApiKeyChanges changes) {
  const auto now = parts_.clock.now();
  CO_CHECK(check_expiry(changes, now));
  if (changes.permissions) {
    CO_TRY(auto plan, co_await plan_of(owner.user_id));
    CO_CHECK(check_permissions(changes, plan));
  }
  auto named = details_of(changes);
  CO_TRY(auto key, co_await parts_.keys.update(owner.user_id, std::move(key_id), std::move(changes), now));
  parts_.invalidation.hashes_changed(key);
  CO_CHECK(co_await note(audit_action::kKeyUpdated, std::move(owner), key, std::move(named)));
  co_return key;
}

Task<> KeyService::revoke(Actor owner, std::string key_id) {
  CO_TRY(auto key, co_await parts_.keys.find(owner.user_id, key_id));
  CO_CHECK(co_await parts_.keys.revoke(owner.user_id, std::move(key_id), parts_.clock.now()));
  parts_.invalidation.hashes_changed(key);
  CO_CHECK(co_await note(audit_action::kKeyRevoked, std::move(owner), key));
  co_return ok;
}

Task<NewApiKey> KeyService::regenerate(Actor owner, std::string key_id, std::chrono::seconds grace) {
  const auto now = parts_.clock.now();
  CO_TRY(auto before, co_await parts_.keys.find(owner.user_id, key_id));
  const auto secret = ApiKeySecret::generate(parts_.random);
  SecretReplacement replacement{.hash = ApiKeyHash::of(secret),
                                .prefix = secret.prefix(),
                                .suffix = secret.suffix(),
                                .old_until = std::nullopt};
  if (grace > 0s) replacement.old_until = now + grace;
  CO_TRY(auto key,
         co_await parts_.keys.replace_secret(owner.user_id, std::move(key_id), std::move(replacement), now));
  parts_.invalidation.hashes_changed(before);
  parts_.invalidation.hashes_changed(key);
  AuditDetails details{{"gracePeriodSeconds", std::to_string(grace.count())}};
  CO_CHECK(co_await note(audit_action::kKeyRegenerated, std::move(owner), key, std::move(details)));
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

  CO_TRY(auto answer, co_await parts_.usages.of(std::move(user_id), std::move(key_id), range));
  co_return KeyUsage{.key = std::move(key), .limits = access.tightest_limits(), .answer = std::move(answer)};
}

}  // namespace relay
