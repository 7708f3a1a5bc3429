#pragma once

#include "store/billing_store.h"

namespace relay {

class RedisDatabase;

/// Table billing_records, and the balance in users. `database` must outlive it.
class RedisBillingStore final : public BillingStore {
 public:
  explicit RedisBillingStore(RedisDatabase& database) : database_(database) {}

  Task<BillingRecord> post(BillingRecord record) override;
  Task<Page<BillingRecord>> list_by_user(std::string user_id, PageRequest page) override;

 private:
  RedisDatabase& database_;
};

}  // namespace relay
