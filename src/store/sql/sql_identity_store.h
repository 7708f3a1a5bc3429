#pragma once

#include "store/identity_store.h"

namespace relay {

class SqlDatabase;

/// Table user_identities. `database` must outlive it.
class SqlIdentityStore final : public IdentityStore {
 public:
  explicit SqlIdentityStore(SqlDatabase& database) : database_(database) {}

  Task<> insert(Identity identity) override;
  Task<Identity> find(std::string issuer, std::string subject) override;
  Task<std::vector<Identity>> list(std::string user_id) override;
  Task<> record_use(std::string identity_id, std::string email, WallTime now) override;
  Task<> remove(std::string user_id, std::string identity_id) override;

 private:
  SqlDatabase& database_;
};

}  // namespace relay
