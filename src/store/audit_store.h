// Where the audit trail is kept. Implementations: store/sql. Contract: tests/store/.
#pragma once

#include "async/task.h"
#include "domain/audit_entry.h"
#include "store/page.h"

#include <cstdint>
#include <optional>
#include <string>

namespace relay {

/// Entries are only ever added; each is chained to the one before it by chain_hash.
/// All calls: unavailable when the store is away (never not_found), internal for a broken row.
/// Thread-safe; a call resumes on the io_context it was made from. A write is durable when it returns.
class AuditStore {
 public:
  virtual ~AuditStore() = default;

  /// conflict "duplicate" when the id is there already.
  virtual Task<> append(AuditEntry entry) = 0;

  /// What was done to the user's account, newest first. validation on `cursor`.
  virtual Task<Page<AuditEntry>> list_by_user(std::string user_id, PageRequest page) = 0;

  /// The number of the first entry that was changed, or that follows a missing one; nothing when the chain
  /// holds. Reads every entry.
  virtual Task<std::optional<std::int64_t>> find_break() = 0;
};

}  // namespace relay
