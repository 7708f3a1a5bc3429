#pragma once

#include "store/upstream_account_store.h"

namespace relay {

class SqlDatabase;

/// Table upstream_accounts. `database` must outlive it.
class SqlUpstreamAccountStore final : public UpstreamAccountStore {
 public:
  explicit SqlUpstreamAccountStore(SqlDatabase& database) : database_(database) {}

  Task<std::vector<StoredAccount>> list() override;
  Task<StoredAccount> find(std::string id) override;
  Task<> insert(StoredAccount account) override;
  Task<StoredAccount> update(std::string id, StoredAccountChanges changes, WallTime now) override;
  Task<bool> reseal(std::string id, AccountSecrets before, AccountSecrets after) override;
  Task<> remove(std::string id) override;

 private:
  SqlDatabase& database_;
};

}  // namespace relay
