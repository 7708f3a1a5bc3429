// Sums over usage in Redis, as UsageStore says.
#pragma once

#include "async/task.h"
#include "store/usage_store.h"

#include <vector>

namespace relay {

class RedisDatabase;

Task<UsageReport> usage_report(RedisDatabase& database, UsageQuery query);
Task<std::vector<UserUsage>> usage_by_user(RedisDatabase& database, WallTime from, WallTime to);
Task<std::vector<AccountCost>> usage_costs_by_account(RedisDatabase& database, WallTime at);
Task<UsageShares> usage_shares(RedisDatabase& database, UsageSharesQuery query);

}  // namespace relay
