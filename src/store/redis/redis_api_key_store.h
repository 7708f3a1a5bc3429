#pragma once

#include "store/api_key_store.h"

namespace relay {

class RedisDatabase;

/// Table api_keys; api_key_store.lua. `database` must outlive it.
class RedisApiKeyStore final : public ApiKeyStore {
 public:
  explicit RedisApiKeyStore(RedisDatabase& database) : database_(database) {}

  Task<> insert(ApiKey key, std::int64_t max_keys) override;
  Task<KeyAccess> find_access(ApiKeyHash hash) override;
  Task<KeyAccess> find_access_by_id(std::string key_id) override;
  Task<ApiKey> find(std::string user_id, std::string key_id) override;
  Task<ApiKey> find_by_hash(ApiKeyHash hash) override;
  Task<ApiKey> find_by_id(std::string key_id) override;
  Task<Page<ApiKey>> list(ApiKeyFilter filter, PageRequest page) override;
  Task<Page<ApiKey>> list_by_user(std::string user_id, ApiKeyFilter filter, PageRequest page) override;
  Task<ApiKey> update(std::string user_id, std::string key_id, ApiKeyChanges changes, WallTime now) override;
  Task<> revoke(std::string user_id, std::string key_id, WallTime now) override;
  Task<ApiKey> replace_secret(std::string user_id, std::string key_id, SecretReplacement replacement,
                              WallTime now) override;
  Task<> touch_last_used(std::vector<KeyTouch> touches) override;
  Task<std::vector<ApiKey>> list_expiring(WallTime from, std::string after_id, WallTime until,
                                          int limit) override;
  Task<std::int64_t> delete_revoked(WallTime before, int limit) override;
  Task<std::int64_t> count_by_user(std::string user_id) override;

 private:
  RedisDatabase& database_;
};

}  // namespace relay
