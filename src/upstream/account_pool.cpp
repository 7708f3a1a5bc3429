#include "upstream/account_pool.h"

#include "upstream/affinity.h"
#include "upstream/model_family.h"

#include <algorithm>

namespace relay {

AccountPool::AccountPool(std::vector<UpstreamAccount> accounts) : accounts_(std::move(accounts)) {
  for (auto& account : accounts_) {
    if (!account.state) account.state = std::make_shared<AccountState>();
  }
}

CandidateList AccountPool::candidates(Provider provider, std::string_view model,
                                      std::string_view group) const {
  const auto those = [&](auto&& fits) {
    CandidateList list;
    for (const auto& account : accounts_) {
      if (!account.serves(group) || !fits(account)) continue;
      list.push_back({.account = &account,
                      .hash = spread_hash(account.id),
                      .family = model_family(account.upstream_model(model))});
    }
    std::ranges::stable_sort(list, {},
                             [](const Candidate& candidate) { return candidate.account->priority; });
    return list;
  };
  const auto is_own = [provider](const UpstreamAccount& account) { return account.provider == provider; };
  const auto is_open = [](const UpstreamAccount& account) { return account.models.patterns().empty(); };
  const auto has_it = [model](const UpstreamAccount& account) { return account.has_model(model); };
  auto own =
      those([&](const auto& account) { return is_own(account) && (has_it(account) || is_open(account)); });
  const bool is_known =
      std::ranges::any_of(own, [&](const Candidate& candidate) { return has_it(*candidate.account); });
  if (is_known) return own;
  auto others = those([&](const auto& account) { return !is_own(account) && has_it(account); });
  if (!others.empty()) return others;
  return own.empty() ? those(is_own) : own;
}

bool AccountPool::has_group(std::string_view group) const {
  return std::ranges::any_of(accounts_, [group](const auto& account) { return account.serves(group); });
}

const UpstreamAccount* AccountPool::find(Provider provider, std::string_view model) const {
  const auto* own = of(provider);
  if (own != nullptr && own->has_model(model)) return own;
  const auto has_it = [model](const UpstreamAccount& account) { return account.has_model(model); };
  const auto other = std::ranges::find_if(accounts_, has_it);
  return other == accounts_.end() ? own : &*other;
}

const UpstreamAccount* AccountPool::of(Provider provider) const {
  const auto found = std::ranges::find(accounts_, provider, &UpstreamAccount::provider);
  return found == accounts_.end() ? nullptr : &*found;
}

const UpstreamAccount* AccountPool::with_id(std::string_view id) const {
  const auto found = std::ranges::find(accounts_, id, &UpstreamAccount::id);
  return found == accounts_.end() ? nullptr : &*found;
}

}  // namespace relay
