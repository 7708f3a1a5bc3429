#pragma once

#include "base/clock.h"
#include "coordination/expiring_map.h"
#include "coordination/throttle.h"

#include <mutex>

namespace relay {

/// For one node. At most 100,000 names: about 25 MB.
class MemoryThrottle final : public Throttle {
 public:
  explicit MemoryThrottle(const Clock& clock) : clock_(clock) {}

  Task<> attempt(std::string name, ThrottleRule rule) override;
  Task<> peek(std::string name, ThrottleRule rule) override;
  Task<> forget(std::string name) override;

 private:
  struct Window {
    std::int64_t attempts = 0;
    int doublings = 0;
    WallTime ends_at;
  };
  static Result<> check(const Window* window, const ThrottleRule& rule, WallTime now);
  static Window next_window(const Window* before, const ThrottleRule& rule, WallTime now);

  const Clock& clock_;
  std::mutex mutex_;
  ExpiringMap<Window> windows_{100'000};
};

}  // namespace relay
