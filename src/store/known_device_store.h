// From where people have signed in before. Implementations: store/sql, store/redis. Contract: tests/store/.
#pragma once

#include "async/task.h"

#include "base/clock.h"

#include <cstdint>
#include <string>

namespace relay {

enum class DeviceSeen {
  first,    // the first device that the user is known by
  new_one,  // others are known, this one is not
  known,
};

/// All calls: unavailable when the store is away. Thread-safe; a call resumes on the io_context it was made
/// from. A write is durable when it returns.
class KnownDeviceStore {
 public:
  virtual ~KnownDeviceStore() = default;

  /// Remembers the device and tells whether it was known. The 100 seen last are kept for one user.
  /// not_found "user_unknown".
  virtual Task<DeviceSeen> remember(std::string user_id, std::string fingerprint, WallTime now) = 0;

  /// Not seen since `before`. Returns how many were deleted.
  virtual Task<std::int64_t> delete_unseen(WallTime before) = 0;
};

}  // namespace relay
