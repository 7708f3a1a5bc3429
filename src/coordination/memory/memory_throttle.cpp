#include "coordination/memory/memory_throttle.h"

namespace relay {

Result<> MemoryThrottle::check(const std::string& name, const ThrottleRule& rule, WallTime now) {
  const auto* count = counts_.find(name, now);
  if (count == nullptr || *count < rule.attempts) return ok;
  const auto wait = std::chrono::ceil<std::chrono::seconds>(counts_.end_of(name, now) - now);
  return Error(ErrorKind::too_many_requests, "too_many_attempts",
               "Too many attempts. Please try again later.")
      .retry_in(wait);
}

Task<> MemoryThrottle::attempt(std::string name, ThrottleRule rule) {
  const auto now = clock_.now();
  const std::lock_guard lock(mutex_);
  CO_CHECK(check(name, rule, now));
  if (auto* count = counts_.find(name, now)) {
    ++*count;
  } else {
    counts_.put(name, 1, now, now + rule.window);
  }
  co_return ok;
}

Task<> MemoryThrottle::peek(std::string name, ThrottleRule rule) {
  const auto now = clock_.now();
  const std::lock_guard lock(mutex_);
  co_return check(name, rule, now);
}

Task<> MemoryThrottle::forget(std::string name) {
  const std::lock_guard lock(mutex_);
  counts_.erase(name);
  co_return ok;
}

}  // namespace relay
