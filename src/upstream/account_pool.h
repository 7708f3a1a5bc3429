// The accounts that calls are spread over.
#pragma once

#include "upstream/candidates.h"

#include <vector>

namespace relay {

/// Immutable; thread-safe.
class AccountPool {
 public:
  /// Accounts that have no state yet get a new one.
  explicit AccountPool(std::vector<UpstreamAccount> accounts);

  /// Who could serve a call of a key in `group` (empty: in none) that `provider`'s own clients make: accounts
  /// of that provider when one of them is known to have the model, beside those of which nothing is known;
  /// else those of the other provider that have it; else those of the own provider of which nothing is known,
  /// and if there are none, all of its. They live as long as the pool.
  CandidateList candidates(Provider provider, std::string_view model, std::string_view group) const;
  /// Whether the group, or who is in none, has any account at all.
  bool has_group(std::string_view group) const;

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
