#pragma once

#include "store/known_device_store.h"

namespace relay {

class RedisDatabase;

/// Table known_devices; known_device_store.lua. `database` must outlive it.
class RedisKnownDeviceStore final : public KnownDeviceStore {
 public:
  explicit RedisKnownDeviceStore(RedisDatabase& database) : database_(database) {}

  Task<DeviceSeen> remember(std::string user_id, std::string fingerprint, WallTime now) override;
  Task<std::int64_t> delete_unseen(WallTime before) override;

 private:
  RedisDatabase& database_;
};

}  // namespace relay
