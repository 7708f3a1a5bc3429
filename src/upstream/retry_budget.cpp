#include "upstream/retry_budget.h"

#include <algorithm>

namespace relay {

bool RetryBudget::take(SteadyTime now) {
  if (part_ == 0) return false;
  auto tokens = tokens_.load(std::memory_order_relaxed);
  while (tokens >= kToken) {
    if (tokens_.compare_exchange_weak(tokens, tokens - kToken, std::memory_order_relaxed)) return true;
  }
  const std::lock_guard lock(mutex_);
  if (floor_at_ != SteadyTime() && now > floor_at_) {
    const double seconds = std::chrono::duration<double>(now - floor_at_).count();
    floor_ = std::min(floor_ + seconds * kFloorPerSecond, static_cast<double>(kFloor));
  }
  floor_at_ = now;
  if (floor_ < 1) return false;
  floor_ -= 1;
  return true;
}

}  // namespace relay
