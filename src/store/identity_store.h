// Where accounts at other sites are kept. Implementations: store/sql, store/redis. Contract: tests/store/.
#pragma once

#include "async/task.h"
#include "domain/identity.h"

#include <string>
#include <vector>

namespace relay {

/// All calls: unavailable when the store is away (never not_found), internal for a broken row.
/// Thread-safe; a call resumes on the io_context it was made from. A write is durable when it returns.
class IdentityStore {
 public:
  virtual ~IdentityStore() = default;

  /// conflict "identity_taken" when this subject of this issuer is somebody's already; not_found
  /// "user_unknown".
  virtual Task<> insert(Identity identity) = 0;

  /// not_found "identity_unknown".
  virtual Task<Identity> find(std::string issuer, std::string subject) = 0;

  /// Oldest first.
  virtual Task<std::vector<Identity>> list(std::string user_id) = 0;

  /// Keeps when it was used and which address the provider named. Passes for an unknown one.
  virtual Task<> record_use(std::string identity_id, std::string email, WallTime now) = 0;

  /// not_found "identity_unknown" when `user_id` has no such one.
  virtual Task<> remove(std::string user_id, std::string identity_id) = 0;
};

}  // namespace relay
