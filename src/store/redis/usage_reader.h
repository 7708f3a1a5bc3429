// Reading usage rows and roll-ups out of one partition, in pieces.
#pragma once

#include "async/task.h"
#include "store/redis/usage_text.h"
#include "store/usage_store.h"

#include <cstdint>
#include <string>
#include <vector>

namespace relay {

class RedisDatabase;

/// "{relay:u7}".
std::string usage_tag(const RedisDatabase& database, std::size_t partition);

struct StoredUsage {
  std::string place;   // rises with started_at, then in the order in which they were stored
  UsageRecord record;  // ids, error and address only when they were asked for
};

struct StoredUsageDay {
  UsageDayName name;
  UsageTotals totals;
};

/// Rows of one key that began in [from, to), newest first.
class UsageRowReader {
 public:
  UsageRowReader(RedisDatabase& database, std::string user_id, std::string key_id, std::int64_t from_ms,
                 std::int64_t to_ms, bool full);

  bool is_at_end() const { return at_end_; }
  /// At most `count`, and at most kUsagePieceMax. Empty does not mean the end.
  Task<std::vector<StoredUsage>> next(std::size_t count);
  /// Nothing at or before this place is wanted any more.
  void stop_at(const std::string& place) { from_ = "(" + place; }

 private:
  RedisDatabase& database_;
  const std::string user_id_;
  const std::string key_id_;
  std::string from_;
  std::string to_;
  const bool full_;
  bool at_end_;
};

/// Roll-ups of [first_day, end_day) in one partition, in the order of their names.
class UsageDayReader {
 public:
  /// An empty user: everybody in the partition.
  UsageDayReader(RedisDatabase& database, std::size_t partition, std::string user_id, std::int64_t first_day,
                 std::int64_t end_day);

  bool is_at_end() const { return at_end_; }
  Task<std::vector<StoredUsageDay>> next();
  /// The name of the last that was read, to go on behind it with another reader.
  std::string place() const { return from_.substr(1); }
  void go_on_behind(const std::string& place) { from_ = "(" + place; }

 private:
  RedisDatabase& database_;
  const std::size_t partition_;
  const std::string user_id_;
  std::string from_;
  const std::string to_;
  bool at_end_;
};

/// When rows began that are wanted: [from, to).
struct UsageTimes {
  WallTime from = WallTime::min();
  WallTime to = WallTime::max();
};

/// Of at most `count` rows of a partition, and at most kUsagePieceMax, those of the times, in the order in
/// which they were stored.
struct UsageLogPiece {
  std::vector<StoredUsage> rows{};
  std::string last{};  // to go on behind; empty at the end
};
Task<UsageLogPiece> read_usage_logs(RedisDatabase& database, std::size_t partition, std::string behind,
                                    std::size_t count, UsageTimes times);

/// Rows of usage_logs and of usage_daily in all partitions.
struct UsageRowCounts {
  std::int64_t logs = 0;
  std::int64_t days = 0;
};
Task<UsageRowCounts> count_usage_rows(RedisDatabase& database);

/// Of one partition: what calls of a day (since 1970-01-01, UTC) cost, by account.
Task<std::vector<AccountCost>> read_account_costs(RedisDatabase& database, std::size_t partition,
                                                  std::int64_t day);

/// All keys of which the user has usage, at most a hundred thousand.
Task<std::vector<std::string>> usage_keys_of(RedisDatabase& database, std::string user_id);

/// The user's rows that have this id as one of theirs, at most `limit`: those stored last.
Task<std::vector<StoredUsage>> find_usage_rows(RedisDatabase& database, std::string user_id, std::string id,
                                               std::size_t limit);

}  // namespace relay
