// Usage in Redis, spread over 16 partitions so that a cluster's nodes share it.
#pragma once

#include "store/redis/usage_piece.h"
#include "store/usage_store.h"

#include <string>
#include <vector>

namespace relay {

class RedisDatabase;

/// A user's partition is told by their id; all keys of a partition begin with its tag, "{relay:u7}":
///   logs               a stream of the records in the order in which they were stored; its ids are their
///   numbers kinds, kind_texts, kind_owners   what many records have alike, kept once: text -> number and
///   back attempts           attempt_id -> number ids:<run>:<part>   hashes of the other ids and the numbers
///   of their rows, eight bytes each, in runs of 8,192 rows rows_of:<user key> places (began at, number),
///   sorted;  keys_of:<user>  the user's keys usage_daily:<day user key dialect model>   sums;  days,
///   days_of:<user>  their names, sorted last_seq           node -> how far its journal is in this partition
///   owed               sums that the counters of keys and users have yet to get
///   costs:<run>        number in the run -> cost, of rows whose cost was changed later, in runs of 128: an
///   entry of a stream can't be written anew, and small hashes take a tenth of a large one's room;
///   costs_changed says that there are some account_costs:<day>   account -> what its calls of the day cost
///
/// How a record counts exactly once, though it touches two slots and no transaction spans them: a partition's
/// script adds records, roll-ups, last_seq and what is owed for them to the counters, all or nothing. What is
/// owed has a rising id, and the script that adds it to the rows of keys and users, which lie with everything
/// else, keeps the last id that it added of each partition (usage_counted) and passes over those up to it.
/// Only then is it taken from `owed`, and only when all of a batch is settled does the node's offset move. So
/// whatever step a crash comes behind: a repeated batch finds its records there, and settles what is still
/// owed; if the node never comes back, the next who writes to the partition does. (Counters kept in the
/// partitions would need no such care, but every reader of a key would have to ask a second slot.)
///
/// All that is read is read in pieces: a report is not of one moment, as it is in a database.
class RedisUsageStore final : public UsageStore {
 public:
  /// `database` must outlive it.
  explicit RedisUsageStore(RedisDatabase& database) : database_(database) {}

  Task<> append(std::string node_id, std::shared_ptr<const UsageBatch> batch) override;
  Task<std::int64_t> last_sequence(std::string node_id) override;
  Task<> lease_node(std::string node_id, std::string holder, WallTime now, WallTime until) override;
  Task<UsageReport> report(UsageQuery query) override;
  Task<std::vector<UserUsage>> sum_by_user(WallTime from, WallTime to) override;
  Task<UsageShares> shares(UsageSharesQuery query) override;
  Task<std::vector<AccountCost>> costs_by_account(WallTime at) override;
  Task<std::vector<UsageRecord>> list_newest(std::string user_id, WallTime before, int limit) override;
  Task<> prepare_months(WallTime) override { co_return ok; }
  Task<std::int64_t> delete_oldest(WallTime before, int limit) override;
  Task<std::vector<UsageRecord>> find_by_any_id(std::string user_id, std::string id) override;
  // In redis_usage_costs.cpp.
  Task<std::int64_t> change_costs(std::vector<CostChange> changes) override;
  // In redis_usage_copy.cpp.
  Task<UsageRecordPage> read_records_between(WallTime from, WallTime to, std::string place,
                                             int limit) override;
  Task<UsageRecordPage> read_records(std::string place, int limit) override;
  Task<UsageDayPage> read_days(std::string place, int limit) override;
  Task<> restore_records(std::vector<UsageRecord> records) override;
  Task<> restore_days(std::vector<UsageDay> days) override;

 private:
  Task<> append_piece(std::string node_id, std::size_t partition, UsagePiece piece);
  Task<> restore_piece(std::size_t partition, UsagePiece piece);
  /// At most 200 of the partition. How many were changed.
  Task<std::int64_t> change_piece(std::size_t partition, std::vector<const CostChange*> changes);
  /// Hands what these partitions owe to the counters.
  Task<> settle(std::vector<std::size_t> partitions);

  RedisDatabase& database_;
};

}  // namespace relay
