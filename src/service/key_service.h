// What people may do with their API keys. Knows no HTTP and no SQL.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "coordination/invalidation.h"
#include "service/auth_limits.h"
#include "service/device.h"
#include "service/notification_service.h"
#include "store/api_key_store.h"
#include "store/plan_store.h"
#include "store/usage_store.h"
#include "store/user_store.h"

#include <cstdint>
#include <optional>
#include <string>

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

/// Which part of the usage is asked for. Without `from` and `to`: the last 30 days.
struct UsageRange {
  std::optional<WallTime> from;
  std::optional<WallTime> to;
  std::optional<std::int64_t> days;  // the last so many days, today included, by day
  UsageGranularity granularity = UsageGranularity::day;
  bool by_model = false;
};

struct KeyUsage {
  ApiKey key;
  RateLimit limits;  // the smallest of key, user and plan
  UsageQuery query;  // as it was answered
  UsageReport report;
};

/// All calls: unavailable when the store is away. Somebody else's key is not_found "api_key_unknown". A
/// change is in force on this node when its call returns, on others within a second. Thread-safe.
class KeyService {
 public:
  struct Parts {  // all must outlive the service
    ApiKeyStore& keys;
    UserStore& users;
    PlanStore& plans;
    UsageStore& usage;
    NotificationService& notifications;
    Invalidation& invalidation;
    AuthLimits& limits;
    const Clock& clock;
    Random& random;
  };

  explicit KeyService(Parts parts) : parts_(parts) {}

  /// validation without a name or with an expiry in the past; forbidden "permission_not_in_plan";
  /// limit_exceeded "key_limit_reached". `fields.active` is passed over.
  Task<NewApiKey> create(std::string user_id, ApiKeyChanges fields);

  /// Newest first. `filter.now` is set here.
  Task<Page<ApiKey>> list(std::string user_id, ApiKeyFilter filter, PageRequest page);
  Task<ApiKey> find(std::string user_id, std::string key_id);

  /// Errors as for create; conflict "api_key_revoked" for a revoked key.
  Task<ApiKey> update(std::string user_id, std::string key_id, ApiKeyChanges changes);

  /// For ever; its history stays.
  Task<> revoke(std::string user_id, std::string key_id);

  /// A new secret. The old one works for `grace` more (none: dead at once). conflict "api_key_revoked".
  Task<NewApiKey> regenerate(std::string user_id, std::string key_id, std::chrono::seconds grace);

  /// For anybody who has a key: unauthorized for an unknown one. Limited by AuthLimits.
  Task<VerifiedKey> verify(std::string secret_text, Device device);

  /// validation for a range that is empty or has more than a thousand points.
  Task<KeyUsage> usage(std::string user_id, std::string key_id, UsageRange range);

 private:
  Task<Plan> plan_of(std::string user_id);
  void tell_changed(const ApiKey& key);

  Parts parts_;
};

}  // namespace relay
