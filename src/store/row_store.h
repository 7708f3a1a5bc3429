// Rows as they stand in the store, for copies from one store to another; and how many there are.
// Implementations: store/sql, store/redis. Contract: tests/store/.
#pragma once

#include "async/task.h"
#include "store/row_table.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace relay {

struct RowPage {
  std::vector<Row> rows{};
  std::string place{};  // of the last row; empty when no row is behind it
};

struct TableSize {
  std::string table{};
  std::int64_t rows = 0;
  bool estimated = false;               // the rows: the database keeps no count
  std::optional<std::int64_t> bytes{};  // with its indexes; nothing: the store can't say
};

/// Nothing is checked but what the store itself holds to: rows come from a store of ours. `table` is one of
/// row_tables(). All calls: unavailable when the store is away, internal for what it does not take.
/// Thread-safe; a call resumes on the io_context it was made from.
class RowStore {
 public:
  virtual ~RowStore() = default;

  /// At most `limit` rows behind `place` (empty: from the beginning), in the store's own order, each row
  /// once. The table must not change meanwhile.
  virtual Task<RowPage> read(const RowTable& table, std::string place, int limit) = 0;

  /// Adds the rows, or replaces those with the same key: a call may be repeated. conflict "duplicate" when a
  /// row of another key has what only one may have, such as an e-mail address. Durable when it returns.
  virtual Task<> put(const RowTable& table, std::vector<Row> rows) = 0;

  /// Deletes every row. Only for tables to which no row refers yet.
  virtual Task<> clear(const RowTable& table) = 0;

  /// Every table of row_tables(), usage_logs and usage_daily, the largest first. May take seconds.
  virtual Task<std::vector<TableSize>> sizes() = 0;
};

}  // namespace relay
