// The accounts at the providers in the hands of administrators.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "coordination/invalidation.h"
#include "crypto/sealed_box.h"
#include "service/account_draft.h"
#include "service/audit_service.h"
#include "store/upstream_account_store.h"
#include "upstream/account_refresh.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace relay {

/// An account as administrators see it: of the store, or of the settings, which only they change.
struct ShownAccount {
  StoredAccount account{};
  bool of_settings = false;
  std::string fault{};  // why it serves nobody although it is enabled; empty: nothing is known against it
};

/// What came of asking the provider for its models through an account.
struct AccountTrial {
  bool passed = false;
  std::optional<int> status{};  // of the provider's answer; none: there was none
  std::string words{};          // for an administrator
};

/// All calls: `admin` is somebody whose role was checked; unavailable when the store is away. Each change is
/// in force on this node when its call returns, on others within a second, and in the audit trail. The
/// credentials never come back. Thread-safe.
class UpstreamAccountService {
 public:
  struct Parts {  // all must outlive the service
    UpstreamAccountStore& accounts;
    AccountRefresh& refresh;
    const SealedBox& box;
    AuditService& audit;
    Invalidation& invalidation;
    const Clock& clock;
    Random& random;
    bool allow_private = false;
    std::function<Task<AccountTrial>(UpstreamAccount account)> ask_provider;
  };

  explicit UpstreamAccountService(Parts parts) : parts_(std::move(parts)) {}

  /// Those of the settings first, then in the order in which they were made.
  Task<std::vector<ShownAccount>> list();
  /// not_found "account_unknown".
  Task<ShownAccount> find(std::string id);
  /// validation "account_invalid", "address_not_public"; conflict "account_name_taken"; limit_exceeded
  /// "account_limit_reached".
  Task<ShownAccount> create(Actor admin, AccountDraft draft);
  /// The last of two who change one field at once wins. As create(); not_found; conflict
  /// "account_of_settings".
  Task<ShownAccount> update(Actor admin, std::string id, AccountDraft draft);
  /// Calls that run go on to their end. not_found; conflict "account_of_settings".
  Task<> remove(Actor admin, std::string id);
  /// Asks the provider, whether it is enabled or not. not_found; internal "sealed_unreadable" is told as a
  /// trial that did not pass.
  Task<AccountTrial> try_out(std::string id);

 private:
  std::optional<ShownAccount> of_settings(const std::string& id) const;
  ShownAccount shown(StoredAccount account) const;
  Task<> tell(std::string_view action, Actor admin, std::string id, AuditDetails details);

  Parts parts_;
};

}  // namespace relay
