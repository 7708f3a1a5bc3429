#include "store/redis/redis_usage_store.h"

#include "store/redis/redis_database.h"
#include "store/redis/redis_row.h"
#include "store/redis/usage_reader.h"
#include "store/redis/usage_report.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace relay {
namespace {

constexpr std::size_t kFoundMax = 100;
constexpr int kNewestMax = 1'000;
constexpr int kRoundsMax = 8;            // of one piece: others may store the same attempts meanwhile
constexpr std::size_t kOwedMax = 8;      // pieces that one call of usage_store.lua tells of
constexpr std::size_t kCountedMax = 16;  // pieces that the counters get at once

const RedisScript& store_words() {
  static const RedisScript script = store_script("usage_store.lua");
  return script;
}

const RedisScript& counters() {
  static const RedisScript script = store_script("usage_counters.lua");
  return script;
}

/// What a partition owes for one piece: opaque but to usage_counters.lua.
struct Owed {
  std::size_t partition = 0;
  std::string id;
  std::string counters;
};

void take_owed(std::size_t partition, RedisReply& reply, std::vector<Owed>& owed) {
  for (std::size_t i = 0; i + 1 < reply.items.size(); i += 2) {
    owed.push_back({partition, std::move(reply.items[i].text), std::move(reply.items[i + 1].text)});
  }
}

}  // namespace

Task<> RedisUsageStore::append(std::string node_id, std::shared_ptr<const UsageBatch> batch) {
  CO_TRY(const auto stored, co_await last_sequence(node_id));
  const auto newest = batch->records.back().sequence;
  if (newest <= stored) co_return ok;

  const auto parts = cut_by_partition(batch->records, stored);
  std::vector<std::size_t> touched;
  for (std::size_t partition = 0; partition < parts.size(); ++partition) {
    auto pieces = pieces_of(parts[partition]);
    for (auto& piece : pieces) CO_CHECK(co_await append_piece(node_id, partition, std::move(piece)));
    if (!pieces.empty()) touched.push_back(partition);
  }
  CO_CHECK(co_await settle(std::move(touched)));
  RedisWords words("move_offset");
  words.add(node_id).add(newest);
  CO_CHECK(co_await database_.run(counters(), std::move(words)));
  co_return ok;
}

Task<> RedisUsageStore::append_piece(std::string node_id, std::size_t partition, UsagePiece piece) {
  for (int round = 0; round < kRoundsMax; ++round) {
    auto words = piece.words(node_id);
    CO_TRY(const auto reply,
           co_await database_.run_under(usage_tag(database_, partition), store_words(), std::move(words)));
    if (reply.items.size() < 2) co_return broken_store("an answer to append");
    if (reply.items[0].text == "added") co_return ok;
    if (reply.items[0].text == "behind") {
      piece.cut_up_to(reply.items[1].number);
      if (piece.is_empty()) co_return ok;
      continue;
    }
    std::vector<std::int64_t> places;
    for (std::size_t i = 1; i < reply.items.size(); ++i) places.push_back(reply.items[i].number);
    piece.leave_out(places);
  }
  co_return Error(ErrorKind::unavailable, "store_unavailable", "The store is not available")
      .because("others stored the same usage again and again");
}

Task<> RedisUsageStore::settle(std::vector<std::size_t> partitions) {
  std::vector<Owed> owed;
  for (const auto partition : partitions) {
    RedisWords words("owed");
    words.add("");
    CO_TRY(auto reply,
           co_await database_.run_under(usage_tag(database_, partition), store_words(), std::move(words)));
    take_owed(partition, reply, owed);
  }
  while (!owed.empty()) {
    // In their order: those of one partition stand one behind another.
    for (std::size_t begin = 0; begin < owed.size(); begin += kCountedMax) {
      std::vector<std::string> entries;
      for (auto i = begin; i < std::min(begin + kCountedMax, owed.size()); ++i) {
        entries.push_back(std::to_string(owed[i].partition));
        entries.push_back(owed[i].id);
        entries.push_back(owed[i].counters);
      }
      RedisWords words("count");
      words.add(entries);
      CO_CHECK(co_await database_.run(counters(), std::move(words)));
    }
    std::vector<Owed> more;
    std::size_t of_partition = 0;
    for (std::size_t i = 0; i < owed.size(); ++i) {
      ++of_partition;
      if (i + 1 < owed.size() && owed[i + 1].partition == owed[i].partition) continue;
      const bool was_all = std::exchange(of_partition, 0) < kOwedMax;
      RedisWords words("owed");
      words.add(owed[i].id);
      CO_TRY(auto reply, co_await database_.run_under(usage_tag(database_, owed[i].partition), store_words(),
                                                      std::move(words)));
      // What has come meanwhile is settled by who brought it.
      if (!was_all) take_owed(owed[i].partition, reply, more);
    }
    owed = std::move(more);
  }
  co_return ok;
}

Task<std::int64_t> RedisUsageStore::last_sequence(std::string node_id) {
  RedisWords words("last_sequence");
  words.add(std::move(node_id));
  CO_TRY(const auto reply, co_await database_.run(counters(), std::move(words)));
  co_return reply.number;
}

Task<> RedisUsageStore::lease_node(std::string node_id, std::string holder, WallTime now, WallTime until) {
  RedisWords words("lease");
  words.add(node_id).add(std::move(holder)).add(now).add(until);
  CO_TRY(const auto reply, co_await database_.run(counters(), std::move(words)));
  if (reply.number == 1) co_return ok;
  co_return Error(ErrorKind::conflict, "node_held", "Another process writes for this node")
      .because("node " + node_id +
               " is leased by another process: a copied journal, or an old process that lives");
}

Task<UsageReport> RedisUsageStore::report(UsageQuery query) {
  return usage_report(database_, std::move(query));
}

Task<std::vector<UserUsage>> RedisUsageStore::sum_by_user(WallTime from, WallTime to) {
  return usage_by_user(database_, from, to);
}

Task<std::vector<AccountCost>> RedisUsageStore::costs_by_account(WallTime at) {
  return usage_costs_by_account(database_, at);
}

Task<UsageShares> RedisUsageStore::shares(UsageSharesQuery query) {
  return usage_shares(database_, std::move(query));
}

Task<std::vector<UsageRecord>> RedisUsageStore::list_newest(std::string user_id, WallTime before, int limit) {
  const auto wanted = static_cast<std::size_t>(std::clamp(limit, 1, kNewestMax));
  CO_TRY(const auto keys, co_await usage_keys_of(database_, user_id));
  std::vector<StoredUsage> newest;
  for (const auto& key : keys) {
    UsageRowReader reader(database_, user_id, key, 0, before.time_since_epoch().count(), true);
    if (newest.size() == wanted) reader.stop_at(newest.back().place);
    for (std::size_t read = 0; read < wanted && !reader.is_at_end();) {
      CO_TRY(auto rows, co_await reader.next(wanted - read));
      read += rows.size();
      std::ranges::move(rows, std::back_inserter(newest));
    }
    std::ranges::sort(newest, std::ranges::greater(), &StoredUsage::place);
    if (newest.size() > wanted)
      newest.erase(newest.begin() + static_cast<std::ptrdiff_t>(wanted), newest.end());
  }
  std::vector<UsageRecord> records;
  for (auto& row : newest) records.push_back(std::move(row.record));
  co_return records;
}

Task<std::int64_t> RedisUsageStore::delete_oldest(WallTime before, int limit) {
  std::int64_t gone = 0;
  for (std::size_t partition = 0; partition < kUsagePartitions && gone < limit; ++partition) {
    for (bool more = true; more && gone < limit;) {
      const auto wanted = std::min<std::int64_t>(limit - gone, kUsagePieceMax);
      RedisWords words("delete_oldest");
      words.add(before).add(wanted);
      CO_TRY(const auto reply,
             co_await database_.run_under(usage_tag(database_, partition), store_words(), std::move(words)));
      gone += reply.number;
      more = reply.number == wanted;
    }
  }
  co_return gone;
}

Task<std::vector<UsageRecord>> RedisUsageStore::find_by_any_id(std::string user_id, std::string id) {
  if (id.empty()) co_return std::vector<UsageRecord>{};
  CO_TRY(auto rows, co_await find_usage_rows(database_, std::move(user_id), std::move(id), kFoundMax));
  std::vector<UsageRecord> records;
  for (auto& row : rows) records.push_back(std::move(row.record));
  co_return records;
}

}  // namespace relay
