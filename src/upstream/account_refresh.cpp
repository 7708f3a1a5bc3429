#include "upstream/account_refresh.h"

#include "observe/log.h"
#include "upstream/stored_account.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace relay {
namespace {

constexpr std::chrono::milliseconds kRest{200};

void tell_failure(const Error& error) {
  log_warning("upstream", "the accounts can't be read: those that were read last stay in force",
              {{"code", error.code()}, {"cause", error.cause()}});
}

}  // namespace

std::string words_of_fault(const Error& error) {
  if (error.code() == "sealed_unreadable") {
    return "its credential can't be opened: see that ENCRYPTION_KEY has the key it was sealed under, or set "
           "the credential anew";
  }
  return error.message();
}

AccountRefresh::AccountRefresh(Parts parts)
    : parts_(std::move(parts)),
      thread_(
          kRest, [this] { return reload(); }, tell_failure) {}

std::vector<AccountFault> AccountRefresh::faults() const {
  const std::lock_guard lock(mutex_);
  return faults_;
}

Task<> AccountRefresh::reload() {
  std::uint64_t turn = 0;
  {
    const std::lock_guard lock(mutex_);
    turn = ++turns_;
  }
  CO_TRY(auto accounts, co_await parts_.store.list());
  take(turn, std::move(accounts));
  co_return ok;
}

// Reads may end in another order than they began in: one that began later has seen all that an earlier one
// has.
void AccountRefresh::take(std::uint64_t turn, std::vector<StoredAccount> accounts) {
  const std::lock_guard lock(mutex_);
  if (turn < taken_) return;
  const bool is_first = taken_ == 0;
  taken_ = turn;
  if (accounts == accounts_ && !is_first) return;

  if (parts_.are_stand_ins && !accounts.empty() && !std::exchange(stood_back_, true)) {
    log_info("upstream", "the stand-in provider answers no more: there are accounts now");
  }
  std::vector<UpstreamAccount> pool;
  if (!stood_back_) pool = parts_.of_settings;
  std::vector<AccountFault> faults;
  for (const auto& account : accounts) {
    if (!account.enabled) continue;
    auto ready = open_account(account, parts_.box, parts_.allow_private);
    if (ready.has_value()) {
      pool.push_back(*std::move(ready));
      continue;
    }
    faults.push_back({.id = account.id, .name = account.name, .words = words_of_fault(ready.error())});
    if (std::ranges::find(faults_, faults.back()) != faults_.end()) continue;
    log_error("upstream", "an account can't be used: it is left out",
              {{"account", account.id}, {"code", ready.error().code()}, {"cause", ready.error().cause()}});
  }
  parts_.in_force.publish(std::move(pool));
  accounts_ = std::move(accounts);
  faults_ = std::move(faults);
}

}  // namespace relay
