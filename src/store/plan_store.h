// Where plans are kept. Implementations: store/sql, store/redis. Contract: tests/store/.
#pragma once

#include "async/task.h"
#include "domain/plan.h"

#include <string>
#include <vector>

namespace relay {

/// All calls: unavailable when the store is away (never not_found), internal for a broken row.
/// Thread-safe; a call resumes on the io_context it was made from. A new store has the plans free, basic,
/// pro and enterprise.
class PlanStore {
 public:
  virtual ~PlanStore() = default;

  /// By price, then by id.
  virtual Task<std::vector<Plan>> list() = 0;

  /// not_found "plan_unknown".
  virtual Task<Plan> find(std::string plan_id) = 0;

  /// Adds it, or replaces the one with the same id. Durable when it returns.
  virtual Task<> put(Plan plan) = 0;
};

}  // namespace relay
