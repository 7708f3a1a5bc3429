#pragma once

#include "base/clock.h"
#include "coordination/expiring_map.h"
#include "coordination/throttle.h"

#include <mutex>

namespace relay {

/// For one node. At most 100,000 names: about 20 MB.
class MemoryThrottle final : public Throttle {
 public:
  explicit MemoryThrottle(const Clock& clock) : clock_(clock) {}

  Task<> attempt(std::string name, ThrottleRule rule) override;
  Task<> peek(std::string name, ThrottleRule rule) override;
  Task<> forget(std::string name) override;

 private:
  Result<> check(const std::string& name, const ThrottleRule& rule, WallTime now);

  const Clock& clock_;
  std::mutex mutex_;
  ExpiringMap<std::int64_t> counts_{100'000};
};

}  // namespace relay
