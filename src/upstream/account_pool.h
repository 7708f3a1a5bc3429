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
  /// The account of this provider, whatever its models. Null when there is none.
  const UpstreamAccount* of(Provider provider) const;
  const std::vector<UpstreamAccount>& accounts() const { return accounts_; }

 private:
  std::vector<UpstreamAccount> accounts_;
};

}  // namespace relay
