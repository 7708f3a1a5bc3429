#pragma once

#include "store/price_store.h"

namespace relay {

class RedisDatabase;

/// Table model_prices; price_store.lua. `database` must outlive it.
class RedisPriceStore final : public PriceStore {
 public:
  explicit RedisPriceStore(RedisDatabase& database) : database_(database) {}

  Task<std::vector<ModelPrice>> list() override;
  Task<> put(std::vector<ModelPrice> prices) override;
  Task<> insert(ModelPrice price) override;
  Task<> remove(PriceLineName name) override;

 private:
  RedisDatabase& database_;
};

}  // namespace relay
