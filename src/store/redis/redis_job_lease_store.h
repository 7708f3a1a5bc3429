#pragma once

#include "store/job_lease_store.h"

namespace relay {

class RedisDatabase;

/// Table job_leases; job_lease_store.lua. `database` must outlive it.
class RedisJobLeaseStore final : public JobLeaseStore {
 public:
  explicit RedisJobLeaseStore(RedisDatabase& database) : database_(database) {}

  Task<bool> take(std::string job, std::string holder, WallTime now, WallTime until) override;
  Task<std::string> last_holder(std::string job) override;
  Task<> forget(std::string job, std::string holder) override;

 private:
  RedisDatabase& database_;
};

}  // namespace relay
