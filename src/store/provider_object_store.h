// Whose the files, batches and stored responses at the providers are. Implementations: store/sql,
// store/redis. Contract: tests/store/.
#pragma once

#include "async/task.h"
#include "domain/provider_object.h"
#include "store/page.h"

#include <cstdint>
#include <string>
#include <vector>

namespace relay {

struct ProviderObjectQuery {
  std::string user_id;
  std::string provider;
  ProviderObjectKind kind = ProviderObjectKind::file;
  std::string purpose{};  // empty: of any
  bool oldest_first = false;
  std::optional<PagePlace> behind{};  // in that order; none: from the first
  int limit = 20;                     // held between 1 and 1001
};

/// All calls: unavailable when the store is away (never not_found), internal for a broken row.
/// Thread-safe; a call resumes on the io_context it was made from. A write is durable when it returns.
class ProviderObjectStore {
 public:
  virtual ~ProviderObjectStore() = default;

  /// Passes over ids that are there, whoever they belong to, and objects of users who are gone.
  virtual Task<> insert(std::vector<ProviderObject> objects) = 0;

  /// Anybody's. not_found "object_unknown".
  virtual Task<ProviderObject> find(std::string id) = 0;

  /// In the order of (created_at, id).
  virtual Task<std::vector<ProviderObject>> list(ProviderObjectQuery query) = 0;

  /// Its results were read to the end. Passes when it is not there.
  virtual Task<> set_usage_recorded(std::string id) = 0;

  /// Passes when it is not there.
  virtual Task<> remove(std::string id) = 0;

  /// At most `limit` of those that expired before `before`. Returns how many.
  virtual Task<std::int64_t> delete_expired(WallTime before, int limit) = 0;
};

}  // namespace relay
