// Which node does a job that one node at a time may do. Implementations: store/sql, store/redis. Contract:
// tests/store/.
#pragma once

#include "async/task.h"
#include "base/clock.h"

#include <string>

namespace relay {

/// All calls: unavailable when the store is away. Thread-safe; a call resumes on the io_context it was made
/// from.
class JobLeaseStore {
 public:
  virtual ~JobLeaseStore() = default;

  /// True when `holder` (a random word of this process) has the job until `until`: nobody had it at `now`, or
  /// `holder` had it already, which lengthens it. Of two callers one gets it. `until` at or before `now`
  /// gives it back.
  virtual Task<bool> take(std::string job, std::string holder, WallTime now, WallTime until) = 0;

  /// Who took the job last, be that over or not; empty when nobody has.
  virtual Task<std::string> last_holder(std::string job) = 0;

  /// As if nobody had ever taken the job. Nothing changes when another than `holder` took it last.
  virtual Task<> forget(std::string job, std::string holder) = 0;
};

}  // namespace relay
