// Keeps the accounts in force as the store has them: a change holds on every node within a second.
#pragma once

#include "async/refresh_thread.h"
#include "coordination/invalidation.h"
#include "crypto/sealed_box.h"
#include "store/upstream_account_store.h"
#include "upstream/accounts_in_force.h"

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace relay {

/// Why an account of the store serves nobody.
struct AccountFault {
  std::string id{};
  std::string name{};
  std::string words{};  // for an administrator
  friend bool operator==(const AccountFault&, const AccountFault&) = default;
};

/// What an administrator is told of an account that open_account() refused.
std::string words_of_fault(const Error& error);

/// One thread reads the accounts again when news says that they, or anything, may have changed, at most five
/// times a second, and every ten seconds for what no news came of. While the store is away the pool stays as
/// it is. Calls that run keep the pool that they chose from. Nobody who makes a call waits for it.
class AccountRefresh final : public Invalidation::Listener {
 public:
  struct Parts {  // what is a reference must outlive it
    UpstreamAccountStore& store;
    const SealedBox& box;
    AccountsInForce& in_force;
    /// Of the settings: in every pool, in front.
    std::vector<UpstreamAccount> of_settings{};
    /// They only stand in until there is an account: from the first one in the store on they are gone.
    bool are_stand_ins = false;
    bool allow_private = false;
  };
  explicit AccountRefresh(Parts parts);
  AccountRefresh(const AccountRefresh&) = delete;
  AccountRefresh& operator=(const AccountRefresh&) = delete;

  void start() { thread_.start(); }
  /// Before the store stops. May be called twice.
  void stop() { thread_.stop(); }

  /// Reads the accounts now: what was stored before the call is in force on this node when it returns.
  /// unavailable. Thread-safe.
  Task<> reload();

  /// Of the last reading. Thread-safe.
  std::vector<AccountFault> faults() const;
  const std::vector<UpstreamAccount>& of_settings() const { return parts_.of_settings; }

  void accounts_changed() override { thread_.wake(); }
  void anything_changed() override { thread_.wake(); }

 private:
  void take(std::uint64_t turn, std::vector<StoredAccount> accounts);

  const Parts parts_;
  mutable std::mutex mutex_;
  std::uint64_t turns_ = 0;  // reads that were begun
  std::uint64_t taken_ = 0;  // the newest of them that has come into force
  std::vector<StoredAccount> accounts_;
  std::vector<AccountFault> faults_;
  bool stood_back_ = false;  // the stand-ins
  RefreshThread thread_;     // last: it ends before what it reads into
};

}  // namespace relay
