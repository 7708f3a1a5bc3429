#pragma once

#include "store/provider_object_store.h"

namespace relay {

class RedisDatabase;

/// Table provider_objects; provider_object_store.lua. `database` must outlive it.
class RedisProviderObjectStore final : public ProviderObjectStore {
 public:
  explicit RedisProviderObjectStore(RedisDatabase& database) : database_(database) {}

  Task<> insert(std::vector<ProviderObject> objects) override;
  Task<ProviderObject> find(std::string id) override;
  Task<std::vector<ProviderObject>> list(ProviderObjectQuery query) override;
  Task<> set_usage_recorded(std::string id) override;
  Task<> remove(std::string id) override;
  Task<std::int64_t> delete_expired(WallTime before, int limit) override;

 private:
  RedisDatabase& database_;
};

}  // namespace relay
