#include "upstream/account_pool.h"

#include <algorithm>

namespace relay {

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
