// Where the audit trail is kept. Implementations: store/sql, store/redis. Contract: tests/store/.
#pragma once

#include "async/task.h"
#include "domain/audit_chain.h"
#include "store/page.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace relay {

struct AuditFilter {
  std::optional<std::string> user_id{};  // what was done to this account
  std::optional<std::string> actor_id{};
  std::string action{};  // the word, or the first part of it ("key."); empty: all
  std::optional<AuditOutcome> outcome{};
  std::optional<WallTime> from{};  // inclusive
  std::optional<WallTime> to{};    // exclusive
};

/// Entries are only ever added behind the newest, and taken away from the oldest on; each is chained to the
/// one before it (domain/audit_chain.h) in the order in which they were stored, by however many nodes.
/// All calls: unavailable when the store is away (never not_found), internal for a broken row.
/// Thread-safe; a call resumes on the io_context it was made from. A write is durable when it returns.
class AuditStore {
 public:
  virtual ~AuditStore() = default;

  /// All of them, in this order, in one transaction. One whose id is there already is passed over, so that a
  /// call may be repeated. internal "audit_head_broken" when the head was changed or taken away: nothing is
  /// chained behind a forgery.
  virtual Task<> append(std::vector<AuditEntry> entries) = 0;

  /// Newest first. validation on `cursor`.
  virtual Task<Page<AuditEntry>> list(AuditFilter filter, PageRequest page) = 0;

  /// As it stands in the store, not checked. One with nothing in it when nothing was ever kept.
  virtual Task<AuditHead> head() = 0;

  /// Entries behind `sequence`, oldest first, at most `limit`. Not checked.
  virtual Task<std::vector<ChainedEntry>> read_chain(std::int64_t sequence, int limit) = 0;

  /// Takes away the oldest entries, at most `limit`, that were made before `before`, and moves the anchor;
  /// the newest entry stays. Returns how many. Errors as append.
  virtual Task<std::int64_t> trim(WallTime before, int limit) = 0;
};

}  // namespace relay
