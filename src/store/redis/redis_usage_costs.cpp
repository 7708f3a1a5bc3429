// Costs that are put right later.
#include "store/redis/redis_database.h"
#include "store/redis/redis_row.h"
#include "store/redis/redis_usage_store.h"
#include "store/redis/usage_reader.h"

#include <algorithm>
#include <map>

namespace relay {
namespace {

constexpr std::size_t kCostsOfScript = 200;
constexpr int kStaleRoundsMax = 4;  // only retention, or who else changes costs, comes between two

const RedisScript& usage_cost_script() {
  static const RedisScript script = store_script("usage_store.lua");
  return script;
}

using Changes = std::vector<const CostChange*>;

/// change_costs() of usage_store.lua.
RedisWords words_to_change(const Changes& changes) {
  RedisWords words("change_costs");
  words.add(std::ssize(changes));
  struct Difference {
    NanoUsd cost_nano_usd = 0;
    std::int64_t newly_priced = 0;
  };
  std::map<std::string, Difference> days;
  RedisAccountDays account_days;
  for (const auto* change : changes) {
    const auto& record = change->record;
    words.add(record.attempt_id);
    words.add(std::to_string(record.cost_nano_usd) + (record.priced ? " 1" : " 0"));
    words.add(change->cost_nano_usd);
    const auto day = record.started_at.time_since_epoch().count() / kUsageDayMs;
    auto& difference = days[usage_day_text(day, usage_record_as<UsageRecordView>(record))];
    difference.cost_nano_usd += change->cost_nano_usd - record.cost_nano_usd;
    difference.newly_priced += record.priced ? 0 : 1;
    account_days.add(record.started_at, record.upstream_account_id,
                     change->cost_nano_usd - record.cost_nano_usd);
  }
  words.add(std::ssize(days));
  for (const auto& [name, difference] : days) {
    words.add(name).add(difference.cost_nano_usd).add(-difference.newly_priced);
  }
  account_days.into(words);
  return words;
}

}  // namespace

Task<std::int64_t> RedisUsageStore::change_costs(std::vector<CostChange> changes) {
  std::array<Changes, kUsagePartitions> parts;
  for (const auto& change : changes) parts[usage_partition_of(change.record.user_id)].push_back(&change);
  std::int64_t changed = 0;
  for (std::size_t partition = 0; partition < parts.size(); ++partition) {
    const auto& part = parts[partition];
    for (std::size_t begin = 0; begin < part.size(); begin += kCostsOfScript) {
      const auto first = part.begin() + static_cast<std::ptrdiff_t>(begin);
      const auto count = std::min(kCostsOfScript, part.size() - begin);
      Changes piece(first, first + static_cast<std::ptrdiff_t>(count));
      CO_TRY(const auto count_changed, co_await change_piece(partition, std::move(piece)));
      changed += count_changed;
    }
  }
  co_return changed;
}

Task<std::int64_t> RedisUsageStore::change_piece(std::size_t partition, Changes changes) {
  for (int round = 0; round < kStaleRoundsMax && !changes.empty(); ++round) {
    auto tag = usage_tag(database_, partition);
    auto words = words_to_change(changes);
    CO_TRY(const auto reply,
           co_await database_.run_under(std::move(tag), usage_cost_script(), std::move(words)));
    if (reply.items.size() < 2) co_return broken_store("an answer to change_costs");
    if (reply.items[0].text == "changed") co_return reply.items[1].number;
    Changes fresh;
    for (std::size_t i = 0, stale = 1; i < changes.size(); ++i) {
      if (stale < reply.items.size() && reply.items[stale].number == static_cast<std::int64_t>(i) + 1) {
        ++stale;
      } else {
        fresh.push_back(changes[i]);
      }
    }
    changes = std::move(fresh);
  }
  co_return std::int64_t{0};
}

}  // namespace relay
