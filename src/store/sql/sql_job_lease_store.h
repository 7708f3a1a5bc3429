#pragma once

#include "store/job_lease_store.h"

namespace relay {

class SqlDatabase;

/// Table job_leases. `database` must outlive it.
class SqlJobLeaseStore final : public JobLeaseStore {
 public:
  explicit SqlJobLeaseStore(SqlDatabase& database) : database_(database) {}

  Task<bool> take(std::string job, std::string holder, WallTime now, WallTime until) override;
  Task<std::string> last_holder(std::string job) override;
  Task<> forget(std::string job, std::string holder) override;

 private:
  SqlDatabase& database_;
};

}  // namespace relay
