#pragma once

#include "store/price_store.h"

namespace relay {

class SqlDatabase;

/// Table model_prices. `database` must outlive it.
class SqlPriceStore final : public PriceStore {
 public:
  explicit SqlPriceStore(SqlDatabase& database) : database_(database) {}

  Task<std::vector<ModelPrice>> list() override;
  Task<> put(std::vector<ModelPrice> prices) override;
  Task<> insert(ModelPrice price) override;
  Task<> remove(PriceLineName name) override;

 private:
  SqlDatabase& database_;
};

}  // namespace relay
