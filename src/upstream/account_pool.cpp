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

template <class Fits>
CandidateList AccountPool::those(std::string_view group, std::string_view model, Fits&& fits) const {
  CandidateList list;
  for (const auto& account : accounts_) {
    if (!account.serves(group) || !fits(account)) continue;
    list.push_back({.account = &account,
                    .hash = spread_hash(account.id),
                    .family = model_family(account.upstream_model(model)),
                    .priority = account.priority,
                    .weight = std::max(account.weight, 1)});
  }
  std::ranges::stable_sort(list, {}, &Candidate::priority);
  return list;
}

CandidateList AccountPool::candidates(Provider provider, std::string_view model,
                                      std::string_view group) const {
  const auto is_own = [provider](const UpstreamAccount& account) { return account.provider == provider; };
  const auto has_it = [model](const UpstreamAccount& account) { return account.has_model(model); };
  auto own = those(group, model, [&](const UpstreamAccount& account) {
    return is_own(account) && (has_it(account) || account.models.patterns().empty());
  });
  const bool is_known =
      std::ranges::any_of(own, [&](const Candidate& candidate) { return has_it(*candidate.account); });
  if (is_known) return own;
  auto others = those(group, model,
                      [&](const UpstreamAccount& account) { return !is_own(account) && has_it(account); });
  if (!others.empty()) return others;
  return own.empty() ? those(group, model, is_own) : own;
}

CandidateList AccountPool::of_provider(Provider provider, std::string_view group) const {
  return those(group, "",
               [provider](const UpstreamAccount& account) { return account.provider == provider; });
}

bool AccountPool::has_group(std::string_view group) const {
  return std::ranges::any_of(accounts_, [group](const auto& account) { return account.serves(group); });
}

const UpstreamAccount* AccountPool::with_id(std::string_view id) const {
  const auto found = std::ranges::find(accounts_, id, &UpstreamAccount::id);
  return found == accounts_.end() ? nullptr : &*found;
}

}  // namespace relay
