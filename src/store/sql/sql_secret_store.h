#pragma once

#include "store/secret_store.h"

namespace relay {

class SqlDatabase;

/// Table sealed_secrets. `database` must outlive it.
class SqlSecretStore final : public SecretStore {
 public:
  explicit SqlSecretStore(SqlDatabase& database) : database_(database) {}

  Task<std::string> find(std::string name) override;
  Task<std::string> put_if_absent(std::string name, std::string sealed, WallTime now) override;
  Task<bool> reseal(std::string name, std::string before, std::string after) override;

 private:
  SqlDatabase& database_;
};

}  // namespace relay
