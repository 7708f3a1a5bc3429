// Where payments and charges are kept. Implementations: store/sql, store/redis. Contract: tests/store/.
#pragma once

#include "async/task.h"
#include "domain/billing_record.h"
#include "store/page.h"

#include <string>

namespace relay {

/// All calls: unavailable when the store is away (never not_found), internal for a broken row.
/// Thread-safe; a call resumes on the io_context it was made from. A write is durable when it returns.
class BillingStore {
 public:
  virtual ~BillingStore() = default;

  /// Adds the record and moves the user's balance by its amount, in one transaction. The record as it was
  /// kept, with balance_after. not_found "user_unknown"; conflict "duplicate" for a known id or reference.
  virtual Task<BillingRecord> post(BillingRecord record) = 0;

  /// Newest first. validation on `cursor`.
  virtual Task<Page<BillingRecord>> list_by_user(std::string user_id, PageRequest page) = 0;
};

}  // namespace relay
