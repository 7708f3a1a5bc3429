#include "coordination/memory/memory_throttle.h"

#include <algorithm>

namespace relay {

Result<> MemoryThrottle::check(const Window* window, const ThrottleRule& rule, WallTime now) {
  if (window == nullptr || window->ends_at <= now || window->attempts < rule.attempts) return ok;
  return Error(ErrorKind::too_many_requests, "too_many_attempts",
               "Too many attempts. Please try again later.")
      .retry_in(std::chrono::ceil<std::chrono::seconds>(window->ends_at - now));
}

MemoryThrottle::Window MemoryThrottle::next_window(const Window* before, const ThrottleRule& rule,
                                                   WallTime now) {
  int doublings = 0;
  if (before != nullptr) {
    doublings = before->attempts >= rule.attempts ? before->doublings + 1 : before->doublings - 1;
  }
  Window window{.attempts = 1, .doublings = 0, .ends_at = {}};
  auto length = rule.window;
  for (; window.doublings < doublings && length < rule.longest; ++window.doublings) length *= 2;
  window.ends_at = now + std::min(length, std::max(rule.window, rule.longest));
  return window;
}

Task<> MemoryThrottle::attempt(std::string name, ThrottleRule rule) {
  const auto now = clock_.now();
  const std::lock_guard lock(mutex_);
  auto* window = windows_.find(name, now);
  CO_CHECK(check(window, rule, now));
  if (window != nullptr && window->ends_at > now) {
    ++window->attempts;
  } else {
    const auto next = next_window(window, rule, now);
    windows_.put(name, next, now, next.ends_at + rule.longest);
  }
  co_return ok;
}

Task<> MemoryThrottle::peek(std::string name, ThrottleRule rule) {
  const auto now = clock_.now();
  const std::lock_guard lock(mutex_);
  co_return check(windows_.find(name, now), rule, now);
}

Task<> MemoryThrottle::forget(std::string name) {
  const std::lock_guard lock(mutex_);
  windows_.erase(name);
  co_return ok;
}

}  // namespace relay
