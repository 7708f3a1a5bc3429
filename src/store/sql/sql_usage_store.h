#pragma once

#include "store/sql/usage_table.h"
#include "store/sql/usage_words.h"
#include "store/usage_store.h"

namespace relay {

class SqlDatabase;

/// Tables usage_logs, usage_daily, usage_account_days, usage_words, usage_keys and node_offsets, and SQLite's
/// usage_id_entries; adds to counters of api_keys and users. `database` must outlive it, and be stopped
/// before it goes.
class SqlUsageStore final : public UsageStore {
 public:
  explicit SqlUsageStore(SqlDatabase& database);

  Task<> append(std::string node_id, std::shared_ptr<const UsageBatch> batch) override;
  Task<std::int64_t> last_sequence(std::string node_id) override;
  Task<> lease_node(std::string node_id, std::string holder, WallTime now, WallTime until) override;
  Task<UsageReport> report(UsageQuery query) override;
  Task<std::vector<UserUsage>> sum_by_user(WallTime from, WallTime to) override;
  Task<UsageShares> shares(UsageSharesQuery query) override;
  Task<std::vector<AccountCost>> costs_by_account(WallTime at) override;
  Task<std::vector<UsageRecord>> list_newest(std::string user_id, WallTime before, int limit) override;
  Task<> prepare_months(WallTime now) override;
  Task<std::int64_t> delete_oldest(WallTime before, int limit) override;
  Task<std::vector<UsageRecord>> find_by_any_id(std::string user_id, std::string id) override;
  // In sql_usage_costs.cpp.
  Task<UsageRecordPage> read_records_between(WallTime from, WallTime to, std::string place,
                                             int limit) override;
  Task<std::int64_t> change_costs(std::vector<CostChange> changes) override;
  // In sql_usage_copy.cpp.
  Task<UsageRecordPage> read_records(std::string place, int limit) override;
  Task<UsageDayPage> read_days(std::string place, int limit) override;
  Task<> restore_records(std::vector<UsageRecord> records) override;
  Task<> restore_days(std::vector<UsageDay> days) override;

 private:
  /// Inserts those that are not there. The rows of these; their records must live as long. Throws soci_error.
  std::vector<UsageRow> insert_records(soci::session& sql, UsageWordsInTransaction& words,
                                       const std::vector<const UsageRecordView*>& records) const;

  SqlDatabase& database_;
  const std::unique_ptr<const UsageTable> table_;
  UsageWords words_;
};

}  // namespace relay
