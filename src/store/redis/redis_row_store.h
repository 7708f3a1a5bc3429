#pragma once

#include "store/row_store.h"

namespace relay {

class RedisDatabase;

/// Any of row_tables(). Puts and clears in pieces: one that failed has done a part. `database` must outlive
/// it.
class RedisRowStore final : public RowStore {
 public:
  explicit RedisRowStore(RedisDatabase& database) : database_(database) {}

  Task<RowPage> read(const RowTable& table, std::string place, int limit) override;
  Task<> put(const RowTable& table, std::vector<Row> rows) override;
  Task<> clear(const RowTable& table) override;
  Task<std::vector<TableSize>> sizes() override;

 private:
  RedisDatabase& database_;
};

}  // namespace relay
