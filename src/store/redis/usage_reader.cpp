#include "store/redis/usage_reader.h"

#include "store/redis/redis_database.h"
#include "store/redis/redis_row.h"
#include "store/redis/usage_piece.h"

#include <algorithm>
#include <unordered_map>

namespace relay {
namespace {

constexpr std::size_t kDaysMax = 500;
constexpr std::size_t kKeysMax = 100'000;

const RedisScript& reader_script() {
  static const RedisScript script = store_script("usage_report.lua");
  return script;
}

using Kind = std::array<std::string, 8>;

Result<std::unordered_map<std::string, Kind>> read_kinds(const RedisReply& reply) {
  std::unordered_map<std::string, Kind> kinds;
  for (std::size_t i = 0; i + 1 < reply.items.size(); i += 2) {
    TRY(auto kind, parse_usage_kind(reply.items[i + 1].text));
    kinds.emplace(reply.items[i].text, std::move(kind));
  }
  return kinds;
}

void take_kind(UsageRecord& record, const Kind& kind, bool full) {
  record.model = kind[3];
  if (!full) return;
  record.user_id = kind[0];
  record.key_id = kind[1];
  record.upstream_account_id = kind[2];
  record.requested_model = kind[4];
  record.mode.service_tier = kind[5];
  record.mode.speed = kind[6];
  record.mode.inference_geo = kind[7];
}

/// Kinds and rows as usage_report.lua answers them.
Result<std::vector<StoredUsage>> read_rows(const RedisReply& kinds, const RedisReply& rows, bool full) {
  TRY(const auto known, read_kinds(kinds));
  const std::size_t width = full ? 10 : 4;
  if (rows.items.size() % width != 0) return broken_usage("rows");
  std::vector<StoredUsage> out;
  out.reserve(rows.items.size() / width);
  for (auto item = rows.items.begin(); item != rows.items.end(); item += static_cast<std::ptrdiff_t>(width)) {
    const auto kind = known.find(item[0].text);
    if (kind == known.end()) return broken_usage("a row of no kind");
    auto& row = out.emplace_back();
    row.place = item[1].text;
    TRY(static_cast<RecordFigures&>(row.record), parse_usage_figures(item[2].text));
    CHECK(take_changed_cost(row.record, item[3].text));
    TRY(const auto at_ms, parse_usage_row_time(row.place));
    row.record.started_at = WallTime(std::chrono::milliseconds(at_ms));
    take_kind(row.record, kind->second, full);
    if (!full) continue;
    row.record.attempt_id = item[4].text;
    row.record.request_id = item[5].text;
    row.record.upstream_request_id = item[6].text;
    row.record.message_id = item[7].text;
    row.record.error_type = item[8].text;
    row.record.client_address = item[9].text;
  }
  return out;
}

}  // namespace

std::string usage_tag(const RedisDatabase& database, std::size_t partition) {
  return "{" + database.prefix() + ":u" + std::to_string(partition) + "}";
}

UsageRowReader::UsageRowReader(RedisDatabase& database, std::string user_id, std::string key_id,
                               std::int64_t from_ms, std::int64_t to_ms, bool full)
    : database_(database),
      user_id_(std::move(user_id)),
      key_id_(std::move(key_id)),
      from_("[" + usage_row_place(from_ms)),
      to_("(" + usage_row_place(to_ms)),
      full_(full),
      at_end_(from_ms >= to_ms) {}

Task<std::vector<StoredUsage>> UsageRowReader::next(std::size_t count) {
  RedisWords words("rows");
  words.add(user_id_).add(key_id_).add(from_).add(to_);
  words.add(static_cast<std::int64_t>(std::min(count, kUsagePieceMax))).add(full_ ? "1" : "0");
  auto tag = usage_tag(database_, usage_partition_of(user_id_));
  CO_TRY(const auto reply, co_await database_.run_under(std::move(tag), reader_script(), std::move(words)));
  if (reply.items.size() != 3) co_return broken_usage("rows");
  at_end_ = reply.items[0].text.empty();
  to_ = "(" + reply.items[0].text;
  co_return read_rows(reply.items[1], reply.items[2], full_);
}

UsageDayReader::UsageDayReader(RedisDatabase& database, std::size_t partition, std::string user_id,
                               std::int64_t first_day, std::int64_t end_day)
    : database_(database),
      partition_(partition),
      user_id_(std::move(user_id)),
      from_("[" + usage_day_place(first_day)),
      to_("(" + usage_day_place(end_day)),
      at_end_(first_day >= end_day) {}

Task<std::vector<StoredUsageDay>> UsageDayReader::next() {
  constexpr std::size_t kWidth = 1 + kUsageSums;  // a name and its sums
  RedisWords words("days");
  words.add(user_id_).add(from_).add(to_).add(static_cast<std::int64_t>(kDaysMax));
  auto tag = usage_tag(database_, partition_);
  CO_TRY(const auto reply, co_await database_.run_under(std::move(tag), reader_script(), std::move(words)));
  if (reply.items.size() % kWidth != 0) co_return broken_usage("roll-ups");
  std::vector<StoredUsageDay> days;
  for (auto item = reply.items.begin(); item != reply.items.end(); item += kWidth) {
    std::vector<std::string_view> sums;
    for (std::size_t i = 1; i < kWidth; ++i) sums.push_back(item[static_cast<std::ptrdiff_t>(i)].text);
    CO_TRY(auto totals, parse_usage_sums(sums));
    CO_TRY(auto name, parse_usage_day(item[0].text));
    auto& day = days.emplace_back();
    day.name = std::move(name);
    day.totals = totals;
    from_ = "(" + item[0].text;
  }
  at_end_ = days.size() < kDaysMax;
  co_return days;
}

Task<UsageLogPiece> read_usage_logs(RedisDatabase& database, std::size_t partition, std::string behind,
                                    std::size_t count, UsageTimes times) {
  RedisWords words("logs");
  words.add(behind.empty() ? std::string("-") : "(" + behind);
  words.add(static_cast<std::int64_t>(std::min(count, kUsagePieceMax)));
  words.add(times.from).add(times.to);
  auto tag = usage_tag(database, partition);
  CO_TRY(const auto reply, co_await database.run_under(std::move(tag), reader_script(), std::move(words)));
  if (reply.items.size() != 3) co_return broken_usage("rows");
  UsageLogPiece piece;
  piece.last = reply.items[0].text;
  CO_TRY(piece.rows, read_rows(reply.items[1], reply.items[2], true));
  co_return piece;
}

Task<UsageRowCounts> count_usage_rows(RedisDatabase& database) {
  UsageRowCounts counts;
  for (std::size_t partition = 0; partition < kUsagePartitions; ++partition) {
    auto tag = usage_tag(database, partition);
    RedisWords words("count");
    CO_TRY(const auto reply, co_await database.run_under(std::move(tag), reader_script(), std::move(words)));
    if (reply.items.size() != 2) co_return broken_usage("counts");
    counts.logs += reply.items[0].number;
    counts.days += reply.items[1].number;
  }
  co_return counts;
}

Task<std::vector<AccountCost>> read_account_costs(RedisDatabase& database, std::size_t partition,
                                                  std::int64_t day) {
  auto tag = usage_tag(database, partition);
  RedisWords words("account_costs");
  words.add(day);
  CO_TRY(auto reply, co_await database.run_under(std::move(tag), reader_script(), std::move(words)));
  std::vector<AccountCost> costs;
  for (std::size_t i = 0; i + 1 < reply.items.size(); i += 2) {
    CO_TRY(const auto cost, to_number(reply.items[i + 1].text));
    costs.push_back({.account_id = std::move(reply.items[i].text), .cost_nano_usd = cost});
  }
  co_return costs;
}

Task<std::vector<std::string>> usage_keys_of(RedisDatabase& database, std::string user_id) {
  std::vector<std::string> keys;
  std::string behind = "-";
  while (keys.size() < kKeysMax) {
    RedisWords words("keys");
    words.add(user_id).add(behind).add(static_cast<std::int64_t>(kUsagePieceMax));
    auto tag = usage_tag(database, usage_partition_of(user_id));
    CO_TRY(auto reply, co_await database.run_under(std::move(tag), reader_script(), std::move(words)));
    for (auto& item : reply.items) keys.push_back(std::move(item.text));
    if (reply.items.size() < kUsagePieceMax) break;
    behind = "(" + keys.back();
  }
  co_return keys;
}

Task<std::vector<StoredUsage>> find_usage_rows(RedisDatabase& database, std::string user_id, std::string id,
                                               std::size_t limit) {
  std::vector<StoredUsage> found;
  std::string run;
  do {
    RedisWords words("find");
    words.add(user_id).add(id).add(usage_id_hash(id)).add(run);
    auto tag = usage_tag(database, usage_partition_of(user_id));
    CO_TRY(const auto reply, co_await database.run_under(std::move(tag), reader_script(), std::move(words)));
    if (reply.items.size() != 3) co_return broken_usage("rows with an id");
    CO_TRY(auto rows, read_rows(reply.items[1], reply.items[2], true));
    std::ranges::move(rows, std::back_inserter(found));
    run = reply.items[0].number < 0 ? std::string() : std::to_string(reply.items[0].number);
  } while (!run.empty() && found.size() < limit);
  // An attempt's own id is looked up beside the others: a row may have come twice.
  std::ranges::sort(found, std::ranges::greater(), &StoredUsage::place);
  const auto twice = std::ranges::unique(found, {}, &StoredUsage::place);
  found.erase(twice.begin(), twice.end());
  if (found.size() > limit) found.erase(found.begin() + static_cast<std::ptrdiff_t>(limit), found.end());
  co_return found;
}

}  // namespace relay
