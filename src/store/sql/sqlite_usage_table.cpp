#include "store/sql/sqlite_usage_table.h"

#include "store/sql/sql_statement.h"
#include "store/sql/usage_id_index.h"
#include "store/sql/sqlite_usage_rows.h"

#include <soci/soci.h>

#include <algorithm>
#include <optional>

namespace relay {
namespace {

constexpr int kLookedAtOnce = 20'000;  // rows, for those of a time

std::int64_t next_row_id(soci::session& sql) {
  std::optional<std::int64_t> newest;
  SqlStatement select(sql);
  select.into(newest).select("SELECT MAX(id) FROM usage_logs");
  (void)select.fetch();
  // Never an id that was used: the id index may know it still.
  return std::max(newest.value_or(0), UsageIdIndex::last_indexed(sql)) + 1;
}

// As rows come in the order of time, the old ones are the first: no index is needed to find them.
std::vector<std::int64_t> first_rows_before(soci::session& sql, std::int64_t before_ms, int limit) {
  std::vector<std::int64_t> rows;
  std::int64_t row = 0;
  std::int64_t started_at_ms = 0;
  SqlStatement select(sql);
  select.into(row).into(started_at_ms).use(limit);
  select.select("SELECT id, started_at_ms FROM usage_logs ORDER BY id LIMIT :limit");
  while (select.fetch() && started_at_ms < before_ms) rows.push_back(row);
  return rows;
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

std::vector<std::int64_t> SqliteUsageTable::find_before(soci::session& sql, std::int64_t before_ms,
                                                        int limit) const {
  auto rows = first_rows_before(sql, before_ms, limit);
  if (!rows.empty()) return rows;
  // A copy of another store, or a clock that was wrong, has old rows behind young ones: key by key, by the
  // index.
  std::int64_t row = 0;
  SqlStatement select(sql);
  select.into(row).use(before_ms).use(limit);
  select.select(
      "SELECT l.id FROM usage_keys k CROSS JOIN usage_logs l ON l.key_number = k.id"
      " AND l.started_at_ms < :before LIMIT :limit");
  while (select.fetch()) rows.push_back(row);
  return rows;
}

// All of the table, a stretch at a time: no index has the time alone, and to pass over a row costs less than
// to find it.
Result<std::vector<std::int64_t>> SqliteUsageTable::find_between(soci::session& sql, std::int64_t from_ms,
                                                                 std::int64_t to_ms, std::string& place,
                                                                 int limit) const {
  std::int64_t row = 0;
  if (!place.empty()) {
    TRY(const auto numbers, parse_usage_place(place, 1));
    row = numbers[0];
  }
  std::vector<std::int64_t> rows;
  std::int64_t at_ms = 0;
  int looked_at = 0;
  SqlStatement select(sql);
  select.into(row).into(at_ms).use(row).use(kLookedAtOnce);
  select.select("SELECT id, started_at_ms FROM usage_logs WHERE id > :after ORDER BY id LIMIT :count");
  while (rows.size() < static_cast<std::size_t>(limit) && select.fetch()) {
    ++looked_at;
    if (at_ms >= from_ms && at_ms < to_ms) rows.push_back(row);
  }
  const bool was_all = looked_at < kLookedAtOnce && rows.size() < static_cast<std::size_t>(limit);
  place = was_all ? std::string() : std::to_string(row);
  return rows;
}

void SqliteUsageTable::forget_deleted(soci::session& sql) const {
  std::optional<std::int64_t> oldest;
  SqlStatement select(sql);
  select.into(oldest).select("SELECT MIN(id) FROM usage_logs");
  (void)select.fetch();
  UsageIdIndex::forget_runs_up_to(sql, oldest ? *oldest - 1 : UsageIdIndex::last_indexed(sql));
}

}  // namespace relay
