#pragma once

#include "store/plan_store.h"

namespace relay {

class RedisDatabase;

/// Table plans; plan_store.lua. `database` must outlive it.
class RedisPlanStore final : public PlanStore {
 public:
  explicit RedisPlanStore(RedisDatabase& database) : database_(database) {}

  Task<std::vector<Plan>> list() override;
  Task<Plan> find(std::string plan_id) override;
  Task<> put(Plan plan) override;

 private:
  RedisDatabase& database_;
};

}  // namespace relay
