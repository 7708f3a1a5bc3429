// The accounts as they are now: renewed while calls run.
#pragma once

#include "upstream/account_pool.h"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace relay {

/// Thread-safe. Holders of a pool keep it alive, so that a call ends with the account that it began with; a
/// new one takes its place whole.
class AccountsInForce {
 public:
  explicit AccountsInForce(std::vector<UpstreamAccount> accounts) { publish(std::move(accounts)); }

  /// Every account there is from here on: of the settings and of the store. Ids are unique; what is known of
  /// an account (AccountState) stays with its id.
  void publish(std::vector<UpstreamAccount> accounts);
  /// From here on other nodes tell it which accounts rest; both must outlive the channel.
  void hear_from(RestChannel& channel, const Clock& clock);
  std::shared_ptr<const AccountPool> pool() const { return std::atomic_load(&pool_); }
  /// Another number, never 0, after each publish(): whoever keeps a pool asks this first.
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }

 private:
  std::mutex publishing_;
  std::map<std::string, std::shared_ptr<AccountState>> states_;  // of those in force
  std::shared_ptr<const AccountPool> pool_;  // swapped whole, with the atomic functions only
  std::atomic<std::uint64_t> version_{0};
};

/// One worker's look at them; on its thread.
class AccountsView {
 public:
  /// `source` must outlive it.
  explicit AccountsView(const AccountsInForce& source) : source_(source) {}

  /// What is in force. Costs one look at a number, and no count that other workers write to.
  const std::shared_ptr<const AccountPool>& now();
  /// AccountPool::candidates() of what now() said last, kept for calls that ask the same. Holds for as long
  /// as that pool is held.
  std::shared_ptr<const CandidateList> candidates(Provider provider, std::string_view model,
                                                  std::string_view group);

 private:
  const AccountsInForce& source_;
  std::uint64_t version_ = 0;
  std::shared_ptr<const AccountPool> pool_;
  std::unordered_map<std::string, std::shared_ptr<const CandidateList>> lists_;
  std::string asked_;  // scratch
};

}  // namespace relay
