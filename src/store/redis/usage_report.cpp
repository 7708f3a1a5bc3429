#include "store/redis/usage_report.h"

#include "store/redis/redis_database.h"
#include "store/redis/usage_piece.h"
#include "store/redis/usage_reader.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

namespace relay {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kHourlyRangeMaxMs = 31 * kUsageDayMs;
constexpr std::size_t kSamplesMax = 20'000;
constexpr int kSharesMax = 1'000;

using PointKey = std::pair<std::int64_t, std::string>;  // start in epoch ms, model
using Points = std::map<PointKey, UsageTotals>;

std::int64_t epoch_ms(WallTime time) { return time.time_since_epoch().count(); }
WallTime wall_time(std::int64_t at_ms) { return WallTime(std::chrono::milliseconds(at_ms)); }

/// Start of the hour, day or month that `at_ms` is in.
std::int64_t start_of(std::int64_t at_ms, UsageGranularity granularity) {
  using namespace std::chrono;
  if (granularity == UsageGranularity::hour) return at_ms - at_ms % kHourMs;
  if (granularity == UsageGranularity::day) return at_ms - at_ms % kUsageDayMs;
  const year_month_day date(floor<days>(wall_time(at_ms)));
  return sys_days(date.year() / date.month() / 1).time_since_epoch().count() * kUsageDayMs;
}

class ReportReader {
 public:
  ReportReader(RedisDatabase& database, const UsageQuery& query) : database_(database), query_(query) {}

  Task<Points> points(const std::vector<std::string>& keys) {
    const auto from = epoch_ms(query_.from);
    const auto to = epoch_ms(query_.to);
    const auto first_day = (from + kUsageDayMs - 1) / kUsageDayMs;
    const auto end_day = to / kUsageDayMs;
    const bool whole_days = query_.granularity != UsageGranularity::hour && first_day < end_day;
    const auto first_rows_end = whole_days ? first_day * kUsageDayMs : to;
    for (const auto& key : keys) {
      CO_CHECK(co_await add_rows(key, from, first_rows_end));
      if (whole_days) CO_CHECK(co_await add_rows(key, end_day * kUsageDayMs, to));
    }
    if (whole_days) CO_CHECK(co_await add_days(first_day, end_day));
    co_return std::move(points_);
  }

 private:
  void add(std::int64_t at_ms, const std::string& model, const UsageTotals& totals) {
    points_[{start_of(at_ms, query_.granularity), query_.by_model ? model : std::string()}].add(totals);
  }

  /// [from, to) from the rows themselves.
  Task<> add_rows(std::string key, std::int64_t from_ms, std::int64_t to_ms) {
    UsageRowReader reader(database_, query_.user_id, std::move(key), from_ms, to_ms, false);
    while (!reader.is_at_end()) {
      CO_TRY(const auto rows, co_await reader.next(kUsagePieceMax));
      for (const auto& row : rows)
        add(epoch_ms(row.record.started_at), row.record.model, UsageTotals::of(row.record));
    }
    co_return ok;
  }

  /// Whole days from the roll-ups.
  Task<> add_days(std::int64_t first_day, std::int64_t end_day) {
    UsageDayReader reader(database_, usage_partition_of(query_.user_id), query_.user_id, first_day, end_day);
    while (!reader.is_at_end()) {
      CO_TRY(const auto days, co_await reader.next());
      for (const auto& day : days) {
        if (query_.key_id && day.name.key_id != *query_.key_id) continue;
        add(day.name.day * kUsageDayMs, day.name.model, day.totals);
      }
    }
    co_return ok;
  }

  RedisDatabase& database_;
  const UsageQuery& query_;
  Points points_;
};

LatencyPercentiles percentiles(std::vector<std::int64_t>& values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  // Nearest rank: the smallest value that at least so many are not above.
  const auto at = [&](std::size_t percent) { return values[(values.size() * percent + 99) / 100 - 1]; };
  return {.p50_ms = at(50), .p90_ms = at(90), .p95_ms = at(95), .p99_ms = at(99)};
}

struct Latencies {
  std::vector<std::int64_t> durations;
  std::vector<std::int64_t> first_bytes;
};

Task<Latencies> read_latencies(RedisDatabase& database, const UsageQuery& query,
                               const std::vector<std::string>& keys) {
  Latencies latencies;
  const auto of_each = kSamplesMax / std::max<std::size_t>(keys.size(), 1) + 1;
  for (const auto& key : keys) {
    UsageRowReader reader(database, query.user_id, key, epoch_ms(query.from), epoch_ms(query.to), false);
    for (std::size_t read = 0; read < of_each && !reader.is_at_end();) {
      CO_TRY(const auto rows, co_await reader.next(of_each - read));
      read += rows.size();
      for (const auto& row : rows) {
        latencies.durations.push_back(row.record.duration_ms);
        if (row.record.first_byte_ms > 0) latencies.first_bytes.push_back(row.record.first_byte_ms);
      }
    }
  }
  co_return latencies;
}

const std::string& name_of(const UsageDayName& name, UsageDimension by) {
  switch (by) {
    case UsageDimension::user:
      return name.user_id;
    case UsageDimension::key:
      return name.key_id;
    case UsageDimension::model:
      return name.model;
  }
  return name.user_id;
}

/// Adds up the roll-ups of one partition, by one of their names.
Task<> add_shares(UsageDayReader& reader, UsageDimension by,
                  std::unordered_map<std::string, UsageTotals>& sums) {
  while (!reader.is_at_end()) {
    CO_TRY(const auto days, co_await reader.next());
    for (const auto& day : days) sums[name_of(day.name, by)].add(day.totals);
  }
  co_return ok;
}

}  // namespace

Task<UsageReport> usage_report(RedisDatabase& database, UsageQuery query) {
  if (query.from >= query.to) co_return UsageReport{};
  if (query.granularity == UsageGranularity::hour &&
      epoch_ms(query.to) - epoch_ms(query.from) > kHourlyRangeMaxMs) {
    co_return Error(ErrorKind::validation, "range_too_long", "Hourly usage is for at most 31 days")
        .on_field("granularity", "is too fine for this range");
  }
  std::vector<std::string> keys;
  if (query.key_id) {
    keys.push_back(*query.key_id);
  } else {
    CO_TRY(keys, co_await usage_keys_of(database, query.user_id));
  }
  ReportReader reader(database, query);
  CO_TRY(const auto points, co_await reader.points(keys));
  UsageReport report;
  for (const auto& [key, totals] : points) {
    report.totals.add(totals);
    report.series.push_back({.start = wall_time(key.first), .model = key.second, .totals = totals});
  }
  if (query.with_latency) {
    CO_TRY(auto latencies, co_await read_latencies(database, query, keys));
    report.duration = percentiles(latencies.durations);
    report.first_byte = percentiles(latencies.first_bytes);
  }
  co_return report;
}

Task<std::vector<UserUsage>> usage_by_user(RedisDatabase& database, WallTime from, WallTime to) {
  const auto day = [](WallTime time) {
    return static_cast<std::int64_t>(std::chrono::floor<std::chrono::days>(time).time_since_epoch().count());
  };
  std::vector<UserUsage> all;
  for (std::size_t partition = 0; partition < kUsagePartitions; ++partition) {
    std::unordered_map<std::string, UsageTotals> sums;
    UsageDayReader reader(database, partition, "", day(from), day(to));
    CO_CHECK(co_await add_shares(reader, UsageDimension::user, sums));
    for (const auto& [user, totals] : sums) {
      all.push_back({.user_id = user, .requests = totals.requests, .tokens = totals.usage.total_tokens()});
    }
  }
  std::ranges::sort(all, {}, &UserUsage::user_id);
  co_return all;
}

Task<std::vector<AccountCost>> usage_costs_by_account(RedisDatabase& database, WallTime at) {
  std::map<std::string, NanoUsd> sums;
  for (std::size_t partition = 0; partition < kUsagePartitions; ++partition) {
    CO_TRY(const auto costs, co_await read_account_costs(database, partition, epoch_ms(at) / kUsageDayMs));
    for (const auto& cost : costs) sums[cost.account_id] += cost.cost_nano_usd;
  }
  std::vector<AccountCost> all;
  for (const auto& [account_id, cost] : sums)
    all.push_back({.account_id = account_id, .cost_nano_usd = cost});
  co_return all;
}

Task<UsageShares> usage_shares(RedisDatabase& database, UsageSharesQuery query) {
  const auto from = epoch_ms(query.from) / kUsageDayMs;
  const auto to = (epoch_ms(query.to) + kUsageDayMs - 1) / kUsageDayMs;
  std::unordered_map<std::string, UsageTotals> sums;
  for (std::size_t partition = 0; partition < kUsagePartitions; ++partition) {
    if (query.user_id && usage_partition_of(*query.user_id) != partition) continue;
    UsageDayReader reader(database, partition, query.user_id.value_or(""), from, to);
    CO_CHECK(co_await add_shares(reader, query.by, sums));
  }
  UsageShares out;
  for (const auto& [name, totals] : sums) {
    out.totals.add(totals);
    out.shares.push_back({.name = name, .totals = totals});
  }
  std::ranges::sort(out.shares, [](const UsageShare& left, const UsageShare& right) {
    if (left.totals.cost_nano_usd != right.totals.cost_nano_usd) {
      return left.totals.cost_nano_usd > right.totals.cost_nano_usd;
    }
    return left.name < right.name;
  });
  const auto limit = static_cast<std::size_t>(std::clamp(query.limit, 1, kSharesMax));
  if (out.shares.size() > limit)
    out.shares.erase(out.shares.begin() + static_cast<std::ptrdiff_t>(limit), out.shares.end());
  co_return out;
}

}  // namespace relay
