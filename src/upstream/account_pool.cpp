#include "upstream/account_pool.h"

#include <algorithm>

namespace relay {

const UpstreamAccount* AccountPool::find(Provider provider) const {
  const auto found = std::ranges::find(accounts_, provider, &UpstreamAccount::provider);
  return found == accounts_.end() ? nullptr : &*found;
}

}  // namespace relay
