// Usage partition by partition: what RedisUsageStore reads of all, and takes whole for copies.
#include "store/redis/redis_database.h"
#include "store/redis/redis_row.h"
#include "store/redis/redis_usage_store.h"
#include "store/redis/usage_reader.h"

#include <algorithm>
#include <charconv>

namespace relay {
namespace {

constexpr std::int64_t kNoDayIsBehind = 999'999;
constexpr std::size_t kDaysOfScript = 200;

const RedisScript& usage_copy_script() {
  static const RedisScript script = store_script("usage_store.lua");
  return script;
}

/// "<partition>:<place in it>".
struct Place {
  std::size_t partition = 0;
  std::string in{};
  std::string text() const { return std::to_string(partition) + ":" + in; }
};

Result<Place> parse_place(const std::string& text) {
  Place place;
  if (text.empty()) return place;
  const auto colon = std::min(text.find(':'), text.size());
  const auto [end, failure] = std::from_chars(text.data(), text.data() + colon, place.partition);
  if (failure != std::errc() || colon == text.size()) return broken_store("a place that is not ours");
  place.in = text.substr(colon + 1);
  return place;
}

/// Behind the partition's last row, or behind `in`; empty when that was all.
std::string next_place(const Place& place, std::string in) {
  if (!in.empty()) return Place{.partition = place.partition, .in = std::move(in)}.text();
  return place.partition + 1 < kUsagePartitions ? Place{.partition = place.partition + 1}.text()
                                                : std::string();
}

UsageDay to_day(StoredUsageDay stored) {
  UsageDay day;
  day.user_id = std::move(stored.name.user_id);
  day.key_id = std::move(stored.name.key_id);
  day.day = stored.name.day;
  day.model = std::move(stored.name.model);
  day.dialect = static_cast<WireDialect>(stored.name.dialect.empty() ? 0 : stored.name.dialect[0] - '0');
  day.totals = stored.totals;
  return day;
}

std::string name_of(const UsageDay& day) {
  UsageRecordView record;
  record.user_id = day.user_id;
  record.key_id = day.key_id;
  record.model = day.model;
  record.dialect = day.dialect;
  return usage_day_text(day.day, record);
}

}  // namespace

Task<UsageRecordPage> RedisUsageStore::read_records(std::string place, int limit) {
  return read_records_between(WallTime::min(), WallTime::max(), std::move(place), limit);
}

Task<UsageRecordPage> RedisUsageStore::read_records_between(WallTime from, WallTime to, std::string place,
                                                            int limit) {
  CO_TRY(const auto at, parse_place(place));
  const UsageTimes times{.from = from, .to = to};
  auto piece = read_usage_logs(database_, at.partition, at.in, static_cast<std::size_t>(limit), times);
  CO_TRY(auto read, co_await std::move(piece));
  UsageRecordPage page;
  for (auto& row : read.rows) page.records.push_back(std::move(row.record));
  page.place = next_place(at, std::move(read.last));
  co_return page;
}

Task<UsageDayPage> RedisUsageStore::read_days(std::string place, int) {
  CO_TRY(const auto from, parse_place(place));
  UsageDayReader reader(database_, from.partition, "", 0, kNoDayIsBehind);
  if (!from.in.empty()) reader.go_on_behind(from.in);
  CO_TRY(auto days, co_await reader.next());
  UsageDayPage page;
  for (auto& day : days) page.days.push_back(to_day(std::move(day)));
  page.place = next_place(from, reader.is_at_end() ? std::string() : reader.place());
  co_return page;
}

Task<> RedisUsageStore::restore_records(std::vector<UsageRecord> records) {
  std::vector<JournaledRecord> numbered;
  numbered.reserve(records.size());
  for (const auto& record : records) {
    numbered.push_back({std::ssize(numbered) + 1, usage_record_as<UsageRecordView>(record)});
  }
  const auto parts = cut_by_partition(numbered, 0);
  for (std::size_t partition = 0; partition < parts.size(); ++partition) {
    auto pieces = pieces_of(parts[partition]);
    for (auto& piece : pieces) CO_CHECK(co_await restore_piece(partition, std::move(piece)));
  }
  co_return ok;
}

Task<> RedisUsageStore::restore_piece(std::size_t partition, UsagePiece piece) {
  for (int round = 0; round < 2; ++round) {
    auto tag = usage_tag(database_, partition);
    auto words = piece.words_to_restore();
    CO_TRY(const auto reply,
           co_await database_.run_under(std::move(tag), usage_copy_script(), std::move(words)));
    if (reply.items.empty()) co_return broken_store("an answer to restore");
    if (reply.items[0].text == "added") co_return ok;
    std::vector<std::int64_t> there;
    for (std::size_t i = 1; i < reply.items.size(); ++i) there.push_back(reply.items[i].number);
    piece.leave_out(there);
  }
  co_return Error(ErrorKind::conflict, "copy_disturbed", "Something else stores usage meanwhile");
}

Task<> RedisUsageStore::restore_days(std::vector<UsageDay> days) {
  std::array<std::vector<const UsageDay*>, kUsagePartitions> parts;
  for (const auto& day : days) parts[usage_partition_of(day.user_id)].push_back(&day);
  for (std::size_t partition = 0; partition < parts.size(); ++partition) {
    const auto& part = parts[partition];
    for (std::size_t begin = 0; begin < part.size(); begin += kDaysOfScript) {
      const auto end = std::min(begin + kDaysOfScript, part.size());
      RedisWords words("restore_days");
      words.add(static_cast<std::int64_t>(end - begin));
      for (auto i = begin; i < end; ++i) {
        words.add(part[i]->user_id).add(name_of(*part[i]));
        for (const auto& sum : usage_sum_texts(part[i]->totals)) words.add(sum);
      }
      auto tag = usage_tag(database_, partition);
      CO_CHECK(co_await database_.run_under(std::move(tag), usage_copy_script(), std::move(words)));
    }
  }
  co_return ok;
}

}  // namespace relay
