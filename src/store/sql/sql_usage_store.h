#pragma once

#include "store/sql/usage_words.h"
#include "store/usage_store.h"

namespace relay {

class SqlDatabase;

/// Tables usage_logs, usage_daily, usage_words, usage_keys, usage_id_entries and node_offsets; adds to
/// counters of api_keys and users. `database` must outlive it, and be stopped before it goes.
class SqlUsageStore final : public UsageStore {
 public:
  explicit SqlUsageStore(SqlDatabase& database) : database_(database) {}

  Task<> append(std::string node_id, std::shared_ptr<const UsageBatch> batch) override;
  Task<std::int64_t> last_sequence(std::string node_id) override;
  Task<> lease_node(std::string node_id, std::string holder, WallTime now, WallTime until) override;
  Task<UsageReport> report(UsageQuery query) override;
  Task<std::vector<UserUsage>> sum_by_user(WallTime from, WallTime to) override;
  Task<UsageShares> shares(UsageSharesQuery query) override;
  Task<std::vector<UsageRecord>> list_newest(std::string user_id, WallTime before, int limit) override;
  Task<std::int64_t> delete_oldest(WallTime before, int limit) override;
  Task<std::vector<UsageRecord>> find_by_any_id(std::string user_id, std::string id) override;

 private:
  SqlDatabase& database_;
  UsageWords words_;  // touched on the writer's thread only
};

}  // namespace relay
