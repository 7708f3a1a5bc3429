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
  /// All of the provider that serve the group: what has no model, a file or a batch, is made at one of them.
  CandidateList of_provider(Provider provider, std::string_view group) const;
  /// Whether the group, or who is in none, has any account at all.
  bool has_group(std::string_view group) const;

  /// Where an object lies; null when it is not configured any more.
  const UpstreamAccount* with_id(std::string_view id) const;
  const std::vector<UpstreamAccount>& accounts() const { return accounts_; }

 private:
  template <class Fits>
  CandidateList those(std::string_view group, std::string_view model, Fits&& fits) const;

  std::vector<UpstreamAccount> accounts_;
};

}  // namespace relay
