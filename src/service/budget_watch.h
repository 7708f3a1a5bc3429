// Budgets that are nearly or wholly spent, from the calls that meet them to whoever tells people.
#pragma once

#include "coordination/quota.h"

#include <array>
#include <atomic>
#include <cstdint>
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

/// Takes what calls see; each budget's window once for each of the two. Thread-safe; a call whose budget is
/// that far costs a hash and a load from memory when that was seen before, and a lock when it is new.
/// Remembers 50,000 of them: past that, some are told of again, and the store knows that they were.
class BudgetWatch {
 public:
  static constexpr std::size_t kWaitingMax = 10'000;

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
  /// Of what was taken: those that could not be told of, to be taken again. At most kWaitingMax wait in all;
  /// later calls bring what is left out.
  void put_back(std::vector<BudgetUse> uses);

 private:
  using Mark = std::uint64_t;  // of a window and how far it is
  static constexpr std::size_t kPlaces = 8'192;

  void note(const QuotaCall& call, const QuotaLimit& limit, std::int64_t spent);
  std::atomic<Mark>& place_of(Mark mark) { return seen_.at(mark % kPlaces); }

  std::array<std::atomic<Mark>, kPlaces> seen_{};  // what was noted last of those that share a place
  std::mutex mutex_;                               // of all below
  std::unordered_set<Mark> noted_;
  std::vector<BudgetUse> uses_;
};

}  // namespace relay
