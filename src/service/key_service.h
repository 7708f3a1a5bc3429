// What people may do with their API keys. Knows no HTTP and no SQL.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "coordination/invalidation.h"
#include "service/audit_service.h"
#include "service/auth_limits.h"
#include "service/device.h"
#include "service/notification_service.h"
#include "service/usage_service.h"
#include "store/api_key_store.h"
#include "store/plan_store.h"
#include "store/user_store.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace relay {

/// A key whose secret is new: the only moment at which it is known.
struct NewApiKey {
  ApiKeySecret secret;
  ApiKey key;
};

/// What keys/verify tells about a key.
struct VerifiedKey {
  ApiKey key;
  bool usable = false;  // right now, its user included
};

struct KeyUsage {
  ApiKey key;
  RateLimit limits;  // the smallest of key, user and plan
  UsageAnswer answer;
};

/// All calls: unavailable when the store is away. Somebody else's key is not_found "api_key_unknown". A
/// change is in force on this node when its call returns, on others within a second, and is in the audit
/// trail. Thread-safe.
class KeyService {
 public:
  struct Parts {  // all must outlive the service
    ApiKeyStore& keys;
    UserStore& users;
    PlanStore& plans;
    UsageService& usages;
    AuditService& audit;
    NotificationService& notifications;
    Invalidation& invalidation;
    AuthLimits& limits;
    const Clock& clock;
    Random& random;
  };

  explicit KeyService(Parts parts) : parts_(parts) {}

  /// Permissions that are none stand for what the plan allows. validation without a name or with an expiry in
  /// the past; forbidden "permission_not_in_plan";
  /// limit_exceeded "key_limit_reached". `fields.active` is passed over.
  Task<NewApiKey> create(Actor owner, ApiKeyChanges fields);

  /// Newest first. `filter.now` is set here.
  Task<Page<ApiKey>> list(std::string user_id, ApiKeyFilter filter, PageRequest page);
  Task<ApiKey> find(std::string user_id, std::string key_id);

  /// Errors as for create; conflict "api_key_revoked" for a revoked key.
  Task<ApiKey> update(Actor owner, std::string key_id, ApiKeyChanges changes);

  /// For ever; its history stays.
  Task<> revoke(Actor owner, std::string key_id);

  /// A new secret. The old one works for `grace` more (none: dead at once). conflict "api_key_revoked".
  Task<NewApiKey> regenerate(Actor owner, std::string key_id, std::chrono::seconds grace);

  /// For anybody who has a key: unauthorized for an unknown one. Limited by AuthLimits.
  Task<VerifiedKey> verify(std::string secret_text, Device device);

  /// validation for a range that is empty or has more than a thousand points.
  Task<KeyUsage> usage(std::string user_id, std::string key_id, UsageRange range);

 private:
  Task<Plan> plan_of(std::string user_id);
  Task<> note(std::string_view action, Actor owner, const ApiKey& key, AuditDetails details = {});

  Parts parts_;
};

}  // namespace relay
