#pragma once

#include "store/upstream_account_store.h"

namespace relay {

class RedisDatabase;

/// Table upstream_accounts; upstream_account_store.lua. `database` must outlive it.
class RedisUpstreamAccountStore final : public UpstreamAccountStore {
 public:
  explicit RedisUpstreamAccountStore(RedisDatabase& database) : database_(database) {}

  Task<std::vector<StoredAccount>> list() override;
  Task<StoredAccount> find(std::string id) override;
  Task<> insert(StoredAccount account) override;
  Task<StoredAccount> update(std::string id, StoredAccountChanges changes, WallTime now) override;
  Task<bool> reseal(std::string id, AccountSecrets before, AccountSecrets after) override;
  Task<> remove(std::string id) override;

 private:
  RedisDatabase& database_;
};

}  // namespace relay
