#pragma once

#include "store/two_factor_store.h"

namespace relay {

class RedisDatabase;

/// Tables two_factors and recovery_codes; two_factor_store.lua. `database` must outlive it.
class RedisTwoFactorStore final : public TwoFactorStore {
 public:
  explicit RedisTwoFactorStore(RedisDatabase& database) : database_(database) {}

  Task<> begin(TwoFactor two_factor) override;
  Task<TwoFactor> find(std::string user_id) override;
  Task<> confirm(std::string user_id, std::string sealed_secret, std::int64_t step,
                 std::vector<std::string> recovery_hashes, WallTime now) override;
  Task<> use_step(std::string user_id, std::int64_t step) override;
  Task<> use_recovery_code(std::string user_id, std::string recovery_hash, WallTime now) override;
  Task<> replace_recovery_codes(std::string user_id, std::vector<std::string> recovery_hashes) override;
  Task<bool> reseal(std::string user_id, std::string before, std::string after) override;
  Task<> remove(std::string user_id) override;

 private:
  RedisDatabase& database_;
};

}  // namespace relay
