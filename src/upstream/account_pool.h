// The accounts that calls are spread over.
#pragma once

#include "upstream/account.h"

#include <vector>

namespace relay {

/// Immutable; thread-safe. Several accounts, weights and health are for a later form of it.
class AccountPool {
 public:
  explicit AccountPool(std::vector<UpstreamAccount> accounts) : accounts_(std::move(accounts)) {}

  /// Null when there is none for this provider. Lives as long as the pool.
  const UpstreamAccount* find(Provider provider) const;
  const std::vector<UpstreamAccount>& accounts() const { return accounts_; }

 private:
  std::vector<UpstreamAccount> accounts_;
};

}  // namespace relay
