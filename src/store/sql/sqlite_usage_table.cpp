#include "store/sql/sqlite_usage_table.h"

#include "store/sql/sql_statement.h"
#include "store/sql/usage_id_index.h"
#include "store/sql/sqlite_usage_rows.h"

#include <soci/soci.h>

#include <algorithm>
#include <optional>

namespace relay {
namespace {

std::int64_t next_row_id(soci::session& sql) {
  std::optional<std::int64_t> newest;
  SqlStatement select(sql);
  select.into(newest).select("SELECT MAX(id) FROM usage_logs");
  (void)select.fetch();
  // Never an id that was used: the id index may know it still.
  return std::max(newest.value_or(0), UsageIdIndex::last_indexed(sql)) + 1;
}

}  // namespace

void SqliteUsageTable::insert(soci::session& sql, std::vector<UsageRow>& rows) const {
  auto id = next_row_id(sql);
  UsageIdIndex::index_full_runs(sql, id);
  for (auto& row : rows) row.id = id++;
  insert_sqlite_usage_rows(sql, rows);
}

std::vector<std::int64_t> SqliteUsageTable::find(soci::session& sql, std::string_view id) const {
  const auto indexed =
      UsageIdIndex::last_indexed(sql);  // first: a run that comes meanwhile is looked at twice
  auto rows = UsageIdIndex::find(sql, id);
  std::int64_t found = 0;
  SqlStatement fresh(sql);
  fresh.into(found).use(indexed).use(id).use(id).use(id).use(id);
  fresh.select(
      "SELECT id FROM usage_logs WHERE id > :indexed AND"
      " (request_id = :a OR upstream_request_id = :b OR message_id = :c)"
      " UNION ALL SELECT id FROM usage_logs WHERE attempt_id = :d");
  while (fresh.fetch()) rows.push_back(found);
  return rows;
}

void SqliteUsageTable::forget_up_to(soci::session& sql, std::int64_t last_gone) const {
  UsageIdIndex::forget_runs_up_to(sql, last_gone);
}

}  // namespace relay
