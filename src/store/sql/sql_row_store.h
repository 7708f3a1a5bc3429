#pragma once

#include "store/row_store.h"

namespace relay {

class SqlDatabase;

/// Any of row_tables(). `database` must outlive it, and be stopped before it goes.
class SqlRowStore final : public RowStore {
 public:
  explicit SqlRowStore(SqlDatabase& database) : database_(database) {}

  Task<RowPage> read(const RowTable& table, std::string place, int limit) override;
  Task<> put(const RowTable& table, std::vector<Row> rows) override;
  Task<> clear(const RowTable& table) override;
  Task<std::vector<TableSize>> sizes() override;

 private:
  SqlDatabase& database_;
};

}  // namespace relay
