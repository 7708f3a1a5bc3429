#pragma once

#include "store/plan_store.h"

namespace relay {

class SqlDatabase;

/// Table plans. `database` must outlive it.
class SqlPlanStore final : public PlanStore {
 public:
  explicit SqlPlanStore(SqlDatabase& database) : database_(database) {}

  Task<std::vector<Plan>> list() override;
  Task<Plan> find(std::string plan_id) override;
  Task<> put(Plan plan) override;

 private:
  SqlDatabase& database_;
};

}  // namespace relay
