// Where model prices are kept. Implementations: store/sql, store/redis. Contract: tests/store/.
#pragma once

#include "async/task.h"
#include "domain/price.h"

#include <vector>

namespace relay {

/// All calls: unavailable when the store is away, internal for a broken row. Thread-safe.
class PriceStore {
 public:
  virtual ~PriceStore() = default;

  /// Every line, ordered by model, tier, context_over, effective_from.
  virtual Task<std::vector<ModelPrice>> list() = 0;

  /// Adds lines; one with the same model, tier, context_over and effective_from is replaced.
  virtual Task<> put(std::vector<ModelPrice> prices) = 0;

  /// Adds one. conflict "duplicate" when a line of the same name is there.
  virtual Task<> insert(ModelPrice price) = 0;

  /// not_found "price_unknown".
  virtual Task<> remove(PriceLineName name) = 0;
};

}  // namespace relay
