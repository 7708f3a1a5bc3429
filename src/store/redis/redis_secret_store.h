#pragma once

#include "store/secret_store.h"

namespace relay {

class RedisDatabase;

/// Table sealed_secrets; secret_store.lua. `database` must outlive it.
class RedisSecretStore final : public SecretStore {
 public:
  explicit RedisSecretStore(RedisDatabase& database) : database_(database) {}

  Task<std::string> find(std::string name) override;
  Task<std::string> put_if_absent(std::string name, std::string sealed, WallTime now) override;
  Task<bool> reseal(std::string name, std::string before, std::string after) override;

 private:
  RedisDatabase& database_;
};

}  // namespace relay
