// A usage store that keeps in memory what the metering needs of one, and fails when it is told to.
#pragma once

#include "store/usage_store.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace relay::test {

/// Keeps the contract of append() in memory, and fails on demand.
class FakeUsageStore final : public UsageStore {
 public:
  enum class Fault { none, before_commit, after_commit };

  Task<> append(std::string node_id, std::shared_ptr<const UsageBatch> batch) override {
    ++appends;
    const auto fault = std::exchange(next_fault, Fault::none);
    if (fault == Fault::before_commit) co_return away();
    for (const auto& [sequence, record] : batch->records) {
      if (sequence <= last[node_id]) continue;
      ++rows[std::string(record.attempt_id)];
      last[node_id] = sequence;
    }
    if (fault == Fault::after_commit) co_return away();
    co_return ok;
  }
  Task<std::int64_t> last_sequence(std::string node_id) override { co_return last[node_id]; }
  Task<> lease_node(std::string, std::string holder, WallTime now, WallTime until) override {
    if (!leased_to.empty() && leased_to != holder && now < leased_until) {
      co_return Error(ErrorKind::conflict, "node_held", "held");
    }
    leased_to = holder;
    leased_until = until;
    co_return ok;
  }
  Task<std::vector<UserUsage>> sum_by_user(WallTime, WallTime) override {
    co_return std::vector<UserUsage>{};
  }
  Task<std::vector<AccountCost>> costs_by_account(WallTime at) override {
    if (is_away) co_return away();
    co_return costs[std::chrono::floor<std::chrono::days>(at)];
  }
  Task<UsageReport> report(UsageQuery query) override {
    ++reports;
    asked = std::move(query);
    if (report_waits) static_cast<void>(co_await report_waits());
    if (is_away) co_return away();
    co_return tell ? tell(asked) : told;
  }
  Task<UsageShares> shares(UsageSharesQuery) override { co_return UsageShares{}; }
  Task<std::vector<UsageRecord>> list_newest(std::string, WallTime, int) override {
    co_return std::vector<UsageRecord>{};
  }
  Task<> prepare_months(WallTime) override { co_return ok; }
  Task<std::int64_t> delete_oldest(WallTime, int) override { co_return std::int64_t{0}; }
  Task<UsageRecordPage> read_records_between(WallTime, WallTime, std::string, int) override {
    co_return UsageRecordPage{};
  }
  Task<std::int64_t> change_costs(std::vector<CostChange>) override { co_return std::int64_t{0}; }
  Task<UsageRecordPage> read_records(std::string, int) override { co_return UsageRecordPage{}; }
  Task<UsageDayPage> read_days(std::string, int) override { co_return UsageDayPage{}; }
  Task<> restore_records(std::vector<UsageRecord>) override { co_return ok; }
  Task<> restore_days(std::vector<UsageDay>) override { co_return ok; }
  Task<std::vector<UsageRecord>> find_by_any_id(std::string, std::string) override {
    co_return std::vector<UsageRecord>{};
  }

  std::map<std::string, int> rows;
  std::map<std::string, std::int64_t> last;
  std::string leased_to;
  WallTime leased_until;
  Fault next_fault = Fault::none;
  bool is_away = false;                                // to costs_by_account() and report()
  UsageReport told;                                    // by report(), when report_waits has come back
  std::function<UsageReport(const UsageQuery&)> tell;  // in its place
  std::function<Awaitable<void>()> report_waits;
  std::atomic<int> reports = 0;
  UsageQuery asked{};  // the last report
  std::map<std::chrono::sys_days, std::vector<AccountCost>> costs;
  int appends = 0;

 private:
  static Error away() {
    return Error(ErrorKind::unavailable, "store_unavailable", "away").because("fault injection");
  }
};

}  // namespace relay::test
