// Where API keys are kept. Implementations: store/sql, store/redis. Contract: tests/store/.
#pragma once

#include "async/task.h"
#include "domain/api_key.h"
#include "domain/key_access.h"
#include "store/page.h"

#include <optional>
#include <string>
#include <vector>

namespace relay {

/// The fields that are set are changed, the others stay. There is no owner, hash or counter in it.
struct ApiKeyChanges {
  std::optional<ApiKeyName> name{};
  std::optional<std::string> description{};
  std::optional<bool> active{};  // true: active, false: inactive
  std::optional<Permissions> permissions{};
  std::optional<RateLimit> limits{};
  std::optional<Budget> budget{};
  std::optional<ModelPatterns> models{};
  std::optional<IpRules> ip_rules{};
  std::optional<std::optional<WallTime>> expires_at{};  // set to an empty one: never expires
  std::optional<std::vector<std::string>> tags{};
  std::optional<std::string> metadata{};
  std::optional<std::optional<std::int64_t>> cache_ttl_seconds{};  // set to an empty one: nothing is kept
  std::optional<std::string> account_group{};                      // set to an empty one: its plan's
};

struct ApiKeyFilter {
  std::optional<std::string> user_id{};  // list() alone; none: everybody's
  std::optional<ApiKeyStatus> status{};  // as status_at(now)
  std::string search{};                  // in name, description or tags, without regard to case; empty: all
  WallTime now{};
};

/// A new secret in the place of the old one.
struct SecretReplacement {
  ApiKeyHash hash;
  std::string prefix{};
  std::string suffix{};
  /// The old secret works until then; not set: it is dead at once. Only the last one can retire.
  std::optional<WallTime> old_until{};
};

struct KeyTouch {
  std::string key_id{};
  WallTime at{};
  std::string address{};
};

/// All calls: unavailable when the store is away (never not_found), internal for a broken row.
/// Thread-safe; a call resumes on the io_context it was made from. A write is durable when it returns.
/// Somebody else's key is not_found "api_key_unknown" ("API key not found"), as if it were not there.
class ApiKeyStore {
 public:
  virtual ~ApiKeyStore() = default;

  /// Counted and inserted in one transaction: limit_exceeded "key_limit_reached" when the user has
  /// `max_keys` keys that are not revoked (0: no limit). conflict "duplicate" when the id or the hash is
  /// there already; not_found "user_unknown".
  virtual Task<> insert(ApiKey key, std::int64_t max_keys) = 0;

  /// By the secret, or by the one before it (then secret_until is set, also when it has passed).
  /// not_found "api_key_unknown" when no key, of any status, has this hash.
  virtual Task<KeyAccess> find_access(ApiKeyHash hash) = 0;

  /// The same by id, for a snapshot that must be renewed. not_found.
  virtual Task<KeyAccess> find_access_by_id(std::string key_id) = 0;

  /// not_found.
  virtual Task<ApiKey> find(std::string user_id, std::string key_id) = 0;

  /// By the secret, or by the one before it (`hash` is retiring->hash then: look at its time). not_found.
  virtual Task<ApiKey> find_by_hash(ApiKeyHash hash) = 0;

  /// Newest first. validation on `cursor`.
  virtual Task<Page<ApiKey>> list_by_user(std::string user_id, ApiKeyFilter filter, PageRequest page) = 0;

  /// Whosever it is. not_found.
  virtual Task<ApiKey> find_by_id(std::string key_id) = 0;

  /// Everybody's, newest first. validation on `cursor`.
  virtual Task<Page<ApiKey>> list(ApiKeyFilter filter, PageRequest page) = 0;

  /// The key after the change. not_found; conflict "api_key_revoked": a revoked key stays one.
  virtual Task<ApiKey> update(std::string user_id, std::string key_id, ApiKeyChanges changes,
                              WallTime now) = 0;

  /// For ever; the row stays for its history. not_found. Passes when it is revoked already.
  virtual Task<> revoke(std::string user_id, std::string key_id, WallTime now) = 0;

  /// The key after the change. not_found; conflict "api_key_revoked", or "duplicate" for a known hash.
  virtual Task<ApiKey> replace_secret(std::string user_id, std::string key_id, SecretReplacement replacement,
                                      WallTime now) = 0;

  /// Moves last_used_at (never back) and its address. Unknown keys are passed over.
  virtual Task<> touch_last_used(std::vector<KeyTouch> touches) = 0;

  /// Active keys that expire in [from, until), of active users, soonest first, at most `limit` after the key
  /// `after_id` that expires at `from` (empty: all of them).
  virtual Task<std::vector<ApiKey>> list_expiring(WallTime from, std::string after_id, WallTime until,
                                                  int limit) = 0;

  /// Deletes at most `limit` revoked keys that were not changed since `before`; their usage stays. Returns
  /// how many.
  virtual Task<std::int64_t> delete_revoked(WallTime before, int limit) = 0;

  /// Keys that are not revoked.
  virtual Task<std::int64_t> count_by_user(std::string user_id) = 0;
};

}  // namespace relay
