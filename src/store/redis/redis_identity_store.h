#pragma once

#include "store/identity_store.h"

namespace relay {

class RedisDatabase;

/// Table user_identities; identity_store.lua. `database` must outlive it.
class RedisIdentityStore final : public IdentityStore {
 public:
  explicit RedisIdentityStore(RedisDatabase& database) : database_(database) {}

  Task<> insert(Identity identity) override;
  Task<Identity> find(std::string issuer, std::string subject) override;
  Task<std::vector<Identity>> list(std::string user_id) override;
  Task<> record_use(std::string identity_id, std::string email, WallTime now) override;
  Task<> remove(std::string user_id, std::string identity_id) override;

 private:
  RedisDatabase& database_;
};

}  // namespace relay
