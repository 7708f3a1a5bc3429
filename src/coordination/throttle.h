// Counted attempts: so many in a time under one name. Implementations: coordination/memory,
// coordination/redis.
#pragma once

#include "async/task.h"

#include <chrono>
#include <cstdint>
#include <string>

namespace relay {

struct ThrottleRule {
  std::int64_t attempts = 30;
  std::chrono::milliseconds window = std::chrono::minutes(1);
  /// Whoever fills a window waits twice as long in the next one, up to this; a window that is not filled
  /// takes one doubling back, and `longest` without an attempt all of them. Not over `window`: none.
  std::chrono::milliseconds longest{0};
};

/// A window begins with the first attempt under a name and ends `rule.window`, as often doubled as the rule
/// says, later. All calls: unavailable when the shared state is away. Thread-safe; a call resumes on the
/// io_context it was made from. Bounded: when it is full, the windows nearest to their end make room.
class Throttle {
 public:
  virtual ~Throttle() = default;

  /// Counts one attempt. too_many_requests "too_many_attempts", with Retry-After, when `rule.attempts` were
  /// counted in this window before; such a one is not counted and does not move the end.
  virtual Task<> attempt(std::string name, ThrottleRule rule) = 0;

  /// The same answer without counting.
  virtual Task<> peek(std::string name, ThrottleRule rule) = 0;

  /// Starts anew: after a success.
  virtual Task<> forget(std::string name) = 0;
};

}  // namespace relay
