#pragma once

#include "store/billing_store.h"

namespace relay {

class SqlDatabase;

/// Table billing_records, and the balance in users. `database` must outlive it.
class SqlBillingStore final : public BillingStore {
 public:
  explicit SqlBillingStore(SqlDatabase& database) : database_(database) {}

  Task<BillingRecord> post(BillingRecord record) override;
  Task<Page<BillingRecord>> list_by_user(std::string user_id, PageRequest page) override;

 private:
  SqlDatabase& database_;
};

}  // namespace relay
