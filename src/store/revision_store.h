// A number that grows with every change that caches must not outlive: how nodes without Redis hear of each
// other. Implementations: store/sql, store/redis. Contract: tests/store/.
#pragma once

#include "async/task.h"

#include <cstdint>

namespace relay {

/// All calls: unavailable when the store is away. Thread-safe; a call resumes on the io_context it was made
/// from.
class RevisionStore {
 public:
  virtual ~RevisionStore() = default;

  /// One more; the new number. Of any number of callers at once each gets one of its own.
  virtual Task<std::int64_t> bump() = 0;

  virtual Task<std::int64_t> current() = 0;
};

}  // namespace relay
