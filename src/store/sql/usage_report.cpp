#include "store/sql/usage_report.h"

#include "store/sql/sql_statement.h"
#include "store/sql/usage_roll_up.h"
#include "store/sql/usage_sums.h"

#include <soci/soci.h>

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <utility>

namespace relay {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kHourlyRangeMaxMs = 31 * kDayMs;
constexpr std::int64_t kSamplesMax = 20'000;
constexpr std::size_t kReadAtOnce = 200;

using PointKey = std::pair<std::int64_t, std::string>;  // start in epoch ms, model
using Points = std::map<PointKey, UsageTotals>;

std::vector<std::int64_t> key_numbers(soci::session& sql, const UsageQuery& query) {
  std::vector<std::int64_t> numbers;
  std::int64_t number = 0;
  SqlStatement select(sql);
  select.into(number).use(query.user_id);
  std::string text = "SELECT id FROM usage_keys WHERE user_id = :user";
  if (query.key_id) {
    select.use(*query.key_id);
    text += " AND key_id = :key";
  }
  select.select(text);
  while (select.fetch()) numbers.push_back(number);
  return numbers;
}

/// Start of the hour, day or month that `at_ms` is in.
std::int64_t start_of(std::int64_t at_ms, UsageGranularity granularity) {
  using namespace std::chrono;
  if (granularity == UsageGranularity::hour) return at_ms - at_ms % kHourMs;
  if (granularity == UsageGranularity::day) return at_ms - at_ms % kDayMs;
  const year_month_day date(floor<days>(wall_time(at_ms)));
  return sys_days(date.year() / date.month() / 1).time_since_epoch().count() * kDayMs;
}

class Reader {
 public:
  Reader(soci::session& sql, const UsageQuery& query, Points& points)
      : sql_(sql), query_(query), points_(points) {}

  /// [from, to) from the rows themselves.
  void add_rows(std::span<const std::int64_t> keys, std::int64_t from_ms, std::int64_t to_ms) {
    if (from_ms >= to_ms) return;
    const auto bucket_ms = query_.granularity == UsageGranularity::hour ? kHourMs : kDayMs;
    SqlStatement select(sql_);
    define(select);
    // Not a division: MySQL's has decimals.
    select.use(bucket_ms);
    const auto marks = select.use_each(keys);
    select.use(from_ms).use(to_ms);
    select.select(std::string("SELECT started_at_ms - started_at_ms % :bucket AS start, ") + model() + ", " +
                  sums_of_rows() + " FROM usage_logs l WHERE key_number IN (" + marks +
                  ") AND started_at_ms >= :from AND started_at_ms < :to GROUP BY 1, 2");
    collect(select);
  }

  /// Whole days [from_day, to_day) from the roll-up.
  void add_days(std::span<const std::int64_t> keys, std::int64_t from_day, std::int64_t to_day) {
    if (from_day >= to_day) return;
    SqlStatement select(sql_);
    define(select);
    select.use(kDayMs);
    const auto marks = select.use_each(keys);
    select.use(from_day).use(to_day);
    select.select(std::string("SELECT day * :size, ") + model() + ", " + sums_of_days() +
                  " FROM usage_daily l WHERE key_number IN (" + marks +
                  ") AND day >= :from AND day < :to GROUP BY 1, 2");
    collect(select);
  }

 private:
  const char* model() const {
    return query_.by_model ? "(SELECT word FROM usage_words w WHERE w.id = l.model_word)" : "''";
  }
  void define(SqlStatement& select) {
    select.into(start_ms_).into(model_);
    into_totals(select, totals_);
  }
  void collect(SqlStatement& select) {
    while (select.fetch()) points_[{start_of(start_ms_, query_.granularity), model_}].add(totals_);
  }

  soci::session& sql_;
  const UsageQuery& query_;
  Points& points_;
  std::int64_t start_ms_ = 0;
  std::string model_;
  UsageTotals totals_;
};

void read_points(soci::session& sql, const UsageQuery& query, const std::vector<std::int64_t>& keys,
                 Points& points) {
  const auto from = epoch_ms(query.from);
  const auto to = epoch_ms(query.to);
  const auto first_day = (from + kDayMs - 1) / kDayMs;
  const auto end_day = to / kDayMs;
  Reader reader(sql, query, points);
  for (std::span<const std::int64_t> rest(keys); !rest.empty();) {
    const auto piece = rest.first(std::min(kReadAtOnce, rest.size()));
    rest = rest.subspan(piece.size());
    if (query.granularity == UsageGranularity::hour || first_day >= end_day) {
      reader.add_rows(piece, from, to);
      continue;
    }
    reader.add_rows(piece, from, first_day * kDayMs);
    reader.add_days(piece, first_day, end_day);
    reader.add_rows(piece, end_day * kDayMs, to);
  }
}

LatencyPercentiles percentiles(std::vector<std::int64_t>& values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  // Nearest rank: the smallest value that at least so many are not above.
  const auto at = [&](std::size_t percent) { return values[(values.size() * percent + 99) / 100 - 1]; };
  return {.p50_ms = at(50), .p90_ms = at(90), .p95_ms = at(95), .p99_ms = at(99)};
}

void read_latencies(soci::session& sql, const UsageQuery& query, const std::vector<std::int64_t>& keys,
                    UsageReport& report) {
  std::vector<std::int64_t> durations;
  std::vector<std::int64_t> first_bytes;
  std::int64_t duration = 0;
  std::int64_t first_byte = 0;
  const auto of_each = kSamplesMax / static_cast<std::int64_t>(std::max<std::size_t>(keys.size(), 1)) + 1;
  for (const auto key : keys) {
    SqlStatement select(sql);
    select.into(duration).into(first_byte).use(key).use(query.from).use(query.to).use(of_each);
    select.select(
        "SELECT duration_ms, first_byte_ms FROM usage_logs WHERE key_number = :key"
        " AND started_at_ms >= :from AND started_at_ms < :to ORDER BY started_at_ms DESC LIMIT :count");
    while (select.fetch()) {
      durations.push_back(duration);
      if (first_byte > 0) first_bytes.push_back(first_byte);
    }
  }
  report.duration = percentiles(durations);
  report.first_byte = percentiles(first_bytes);
}

}  // namespace

Result<UsageReport> usage_report(soci::session& sql, const UsageQuery& query) {
  if (query.from >= query.to) return UsageReport{};
  if (query.granularity == UsageGranularity::hour &&
      epoch_ms(query.to) - epoch_ms(query.from) > kHourlyRangeMaxMs) {
    return Error(ErrorKind::validation, "range_too_long", "Hourly usage is for at most 31 days")
        .on_field("granularity", "is too fine for this range");
  }
  const auto keys = key_numbers(sql, query);
  Points points;
  read_points(sql, query, keys, points);
  UsageReport report;
  for (const auto& [key, totals] : points) {
    report.totals.add(totals);
    report.series.push_back({.start = wall_time(key.first), .model = key.second, .totals = totals});
  }
  if (query.with_latency) read_latencies(sql, query, keys, report);
  return report;
}

namespace {

/// A row of the view usage_entries as it is read.
struct EntryRow {
  std::int64_t id = 0, dialect = 0, outcome = 0, status = 0;
  UsageRecord record;
};

std::string select_entries() {
  return "SELECT id, attempt_id, request_id, upstream_request_id, message_id, key_id, user_id,"
         " upstream_account_id, model, requested_model, dialect, outcome, streamed, estimated, priced, "
         "cached,"
         " status, error_type, " +
         usage_count_columns() +
         ", service_tier, speed, inference_geo, cost_nano_usd, charge_nano_usd, started_at_ms, first_byte_ms,"
         " duration_ms, client_address FROM usage_entries";
}

void define(SqlStatement& select, EntryRow& row) {
  auto& record = row.record;
  select.into(row.id).into(record.attempt_id).into(record.request_id).into(record.upstream_request_id);
  select.into(record.message_id).into(record.key_id).into(record.user_id).into(record.upstream_account_id);
  select.into(record.model).into(record.requested_model).into(row.dialect).into(row.outcome);
  select.into(record.streamed).into(record.estimated).into(record.priced).into(record.cached);
  select.into(row.status);
  select.into(record.error_type);
  into_usage(select, record.usage);
  select.into(record.mode.service_tier).into(record.mode.speed).into(record.mode.inference_geo);
  select.into(record.cost_nano_usd)
      .into(record.charge_nano_usd)
      .into(record.started_at)
      .into(record.first_byte_ms);
  select.into(record.duration_ms).into(record.client_address);
}

Result<UsageRecord> to_record(const EntryRow& row) {
  if (row.dialect < 1 || row.dialect > 5 || row.outcome < 1 || row.outcome > 6) {
    return Error(ErrorKind::internal, "store_failed", "Internal error")
        .because("usage_logs row " + std::to_string(row.id) + " has dialect " + std::to_string(row.dialect) +
                 ", outcome " + std::to_string(row.outcome));
  }
  auto record = row.record;
  record.dialect = static_cast<WireDialect>(row.dialect);
  record.outcome = static_cast<AttemptOutcome>(row.outcome);
  record.status = static_cast<int>(row.status);
  return record;
}

}  // namespace

Result<std::vector<UsageRecord>> usage_records_of(soci::session& sql, const std::vector<std::int64_t>& ids) {
  std::map<std::int64_t, UsageRecord> found;
  for (std::span<const std::int64_t> rest(ids); !rest.empty();) {
    const auto piece = rest.first(std::min(kReadAtOnce, rest.size()));
    rest = rest.subspan(piece.size());
    EntryRow row;
    SqlStatement select(sql);
    define(select, row);
    const auto marks = select.use_each(piece);
    select.select(select_entries() + " WHERE id IN (" + marks + ")");
    while (select.fetch()) {
      TRY(auto record, to_record(row));
      found.emplace(row.id, std::move(record));
    }
  }
  std::vector<UsageRecord> records;
  for (const auto id : ids) {
    if (const auto record = found.find(id); record != found.end())
      records.push_back(std::move(record->second));
  }
  return records;
}

Result<std::vector<UsageRecord>> usage_records_behind(soci::session& sql, std::int64_t& after, int limit) {
  EntryRow row;
  SqlStatement select(sql);
  define(select, row);
  select.use(after).use(limit);
  select.select(select_entries() + " WHERE id > :after ORDER BY id LIMIT :limit");
  std::vector<UsageRecord> records;
  while (select.fetch()) {
    TRY(auto record, to_record(row));
    records.push_back(std::move(record));
    after = row.id;
  }
  return records;
}

}  // namespace relay
