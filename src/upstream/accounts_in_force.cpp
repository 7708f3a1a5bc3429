#include "upstream/accounts_in_force.h"

namespace relay {
namespace {

constexpr std::size_t kListsMax = 256;  // models are the clients' words

}  // namespace

void AccountsInForce::publish(std::vector<UpstreamAccount> accounts) {
  const std::lock_guard lock(publishing_);
  std::map<std::string, std::shared_ptr<AccountState>> states;
  for (auto& account : accounts) {
    auto& state = states[account.id];
    if (const auto known = states_.find(account.id); known != states_.end()) state = known->second;
    if (!state) state = std::make_shared<AccountState>();
    account.state = state;
  }
  states_ = std::move(states);
  std::atomic_store(&pool_, std::make_shared<const AccountPool>(std::move(accounts)));
  version_.fetch_add(1, std::memory_order_release);
}

void AccountsInForce::hear_from(RestChannel& channel, const Clock& clock) {
  channel.on_heard([this, &clock](const RestNews& news, const std::string& node) {
    const auto accounts = pool();
    if (const auto* account = accounts->with_id(news.account_id))
      account->state->hear(news, node, clock.steady_now(), clock.now());
  });
}

const std::shared_ptr<const AccountPool>& AccountsView::now() {
  const auto version = source_.version();
  if (version == version_) return pool_;
  version_ = version;
  lists_.clear();
  auto pool = source_.pool();
  const auto* accounts = pool.get();
  // Counted by itself: the calls of all cores would write to the pool's own count.
  auto own = std::make_shared<std::shared_ptr<const AccountPool>>(std::move(pool));
  pool_ = std::shared_ptr<const AccountPool>(std::move(own), accounts);
  return pool_;
}

std::shared_ptr<const CandidateList> AccountsView::candidates(Provider provider, std::string_view model,
                                                              std::string_view group) {
  asked_.assign(to_string(provider)).append(1, '\0').append(group).append(1, '\0').append(model);
  const auto found = lists_.find(asked_);
  if (found != lists_.end()) return found->second;
  if (lists_.size() >= kListsMax) lists_.clear();
  auto list = std::make_shared<const CandidateList>(pool_->candidates(provider, model, group));
  lists_.emplace(asked_, list);
  return list;
}

}  // namespace relay
