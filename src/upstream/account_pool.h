// The accounts that calls are spread over.
#pragma once

#include "upstream/account.h"

#include <vector>

namespace relay {

/// Immutable; thread-safe. Several accounts, weights and health are for a later form of it.
class AccountPool {
 public:
  explicit AccountPool(std::vector<UpstreamAccount> accounts) : accounts_(std::move(accounts)) {}

  /// The account for a call that `provider`'s own clients make: of that provider, but of the other one when
  /// only that is known to have the model. Null when there is none. Lives as long as the pool.
  const UpstreamAccount* find(Provider provider, std::string_view model) const;
  /// The provider's own account, whatever the model; null when there is none.
  const UpstreamAccount* of(Provider provider) const;
  /// Where an object lies; null when it is not configured any more.
  const UpstreamAccount* with_id(std::string_view id) const;
  const std::vector<UpstreamAccount>& accounts() const { return accounts_; }

 private:
  std::vector<UpstreamAccount> accounts_;
};

}  // namespace relay
