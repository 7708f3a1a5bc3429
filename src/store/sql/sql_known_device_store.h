#pragma once

#include "store/known_device_store.h"

namespace relay {

class SqlDatabase;

/// Table known_devices. `database` must outlive it.
class SqlKnownDeviceStore final : public KnownDeviceStore {
 public:
  explicit SqlKnownDeviceStore(SqlDatabase& database) : database_(database) {}

  Task<DeviceSeen> remember(std::string user_id, std::string fingerprint, WallTime now) override;
  Task<std::int64_t> delete_unseen(WallTime before) override;

 private:
  SqlDatabase& database_;
};

}  // namespace relay
