#include "store/sql/mysql_usage_table.h"

#include "store/sql/mysql_dialect.h"
#include "store/sql/mysql_usage_rows.h"
#include "store/sql/sql_database.h"
#include "store/sql/sql_statement.h"

#include <soci/soci.h>

#include <algorithm>
#include <ranges>
#include <string>
#include <unordered_set>

namespace relay {
namespace {

constexpr std::size_t kLookedUpAtOnce = 500;

using Attempts = std::unordered_set<std::string>;

// Of the months that the rows lie in only: each month has indexes of its own.
void find_attempts(soci::session& sql, std::span<const UsageRow> rows, Attempts& there) {
  const auto [first, last] = std::minmax_element(
      rows.begin(), rows.end(),
      [](const auto& left, const auto& right) { return left.record->started_at < right.record->started_at; });
  std::string attempt;
  SqlStatement select(sql);
  select.into(attempt).use(first->record->started_at).use(last->record->started_at);
  const auto marks = select.use_each(rows | std::views::transform(mysql_attempt_id));
  select.select(
      "SELECT attempt_id FROM usage_logs WHERE started_at_ms BETWEEN :first AND :last AND attempt_id IN (" +
      marks + ")");
  while (select.fetch()) there.insert(attempt);
}

}  // namespace

void MysqlUsageTable::insert(soci::session& sql, std::vector<UsageRow>& rows) const {
  Attempts there;
  for (std::span<const UsageRow> rest(rows); !rest.empty();) {
    const auto count = std::min(kLookedUpAtOnce, rest.size());
    find_attempts(sql, rest.first(count), there);
    rest = rest.subspan(count);
  }
  // What comes twice in one batch counts once, too.
  std::erase_if(
      rows, [&](const UsageRow& row) { return !there.insert(std::string(mysql_attempt_id(row))).second; });
  try {
    insert_mysql_usage_rows(sql, rows);
  } catch (const soci::soci_error& error) {
    const auto violation = violation_of(error);
    if (!violation || violation->kind != ViolationKind::unique) throw;
    throw RaceLost("another node stores the same attempts");
  }
}

std::vector<std::int64_t> MysqlUsageTable::find(soci::session& sql, std::string_view id) const {
  std::int64_t found = 0;
  SqlStatement select(sql);
  select.into(found).use(id).use(id).use(id).use(id);
  select.select(
      "SELECT id FROM usage_logs WHERE attempt_id = :a UNION ALL SELECT id FROM usage_logs WHERE request_id "
      "= :b"
      " UNION ALL SELECT id FROM usage_logs WHERE upstream_request_id = :c"
      " UNION ALL SELECT id FROM usage_logs WHERE message_id = :d");
  std::vector<std::int64_t> rows;
  while (select.fetch()) rows.push_back(found);
  return rows;
}

std::vector<std::int64_t> MysqlUsageTable::find_before(soci::session& sql, std::int64_t before_ms,
                                                       int limit) const {
  std::vector<std::int64_t> rows;
  std::int64_t row = 0;
  SqlStatement select(sql);
  select.into(row).use(before_ms).use(limit);
  select.select(
      "SELECT id FROM usage_logs WHERE started_at_ms < :before ORDER BY started_at_ms LIMIT :limit");
  while (select.fetch()) rows.push_back(row);
  return rows;
}

// By the index of time, in which rows of one moment lie by their ids.
Result<std::vector<std::int64_t>> MysqlUsageTable::find_between(soci::session& sql, std::int64_t from_ms,
                                                                std::int64_t to_ms, std::string& place,
                                                                int limit) const {
  std::int64_t at_ms = from_ms;
  std::int64_t row = -1;
  if (!place.empty()) {
    TRY(const auto numbers, parse_usage_place(place, 2));
    at_ms = numbers[0];
    row = numbers[1];
  }
  std::vector<std::int64_t> rows;
  SqlStatement select(sql);
  select.into(row).into(at_ms).use(at_ms).use(to_ms).use(at_ms).use(row).use(limit);
  select.select(
      "SELECT id, started_at_ms FROM usage_logs WHERE started_at_ms >= :from AND started_at_ms < :to"
      " AND (started_at_ms > :at OR id > :row) ORDER BY started_at_ms, id LIMIT :limit");
  while (select.fetch()) rows.push_back(row);
  place.clear();
  if (rows.size() == static_cast<std::size_t>(limit))
    place = std::to_string(at_ms) + " " + std::to_string(row);
  return rows;
}

void MysqlUsageTable::prepare_months(soci::session& sql, std::int64_t now_ms) const {
  MysqlDialect().run_script(sql, "CALL relay_make_usage_partitions(" + std::to_string(now_ms) + ")");
}

std::int64_t MysqlUsageTable::drop_months(soci::session& sql, std::int64_t before_ms) const {
  MysqlDialect().run_script(sql, "CALL relay_drop_usage_partitions(" + std::to_string(before_ms) + ")");
  std::int64_t rows = 0;
  SqlStatement select(sql);
  select.into(rows).select("SELECT COALESCE(@relay_dropped_rows, 0)");
  (void)select.fetch();
  return rows;
}

}  // namespace relay
