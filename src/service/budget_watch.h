// Budgets that are nearly or wholly spent, from the calls that meet them to whoever tells people.
#pragma once

#include "coordination/quota.h"

#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

namespace relay {

/// A budget of which a call has seen that 80 or 100 % are spent.
struct BudgetUse {
  std::string user_id;
  std::string key_id;  // empty: of the user or the plan
  QuotaLimit limit;
  std::int64_t spent = 0;
  int percent = 0;
};

/// Takes what calls see; each budget's window once for each of the two. Thread-safe; a lock for a hash
/// look-up, and only of calls whose budget is that far. Remembers 50,000 of them: past that, some are told of
/// again, and the store knows that they were.
class BudgetWatch {
 public:
  void look(const QuotaCall& call, const QuotaDecision& decision) {
    for (std::size_t i = 0; i < call.count; ++i) {
      const auto& limit = call.limits.at(i);
      const auto spent = decision.states.at(i).used;
      if (is_budget(limit.kind) && limit.limit > 0 && spent >= limit.limit - limit.limit / 5)
        note(call, limit, spent);
    }
  }
  /// What has come since the last time.
  std::vector<BudgetUse> take();

 private:
  void note(const QuotaCall& call, const QuotaLimit& limit, std::int64_t spent);

  std::mutex mutex_;
  std::unordered_set<std::string> noted_;
  std::vector<BudgetUse> uses_;
};

}  // namespace relay
