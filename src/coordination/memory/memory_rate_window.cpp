#include "coordination/memory/memory_rate_window.h"

#include <algorithm>

namespace relay {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr nanoseconds kMinute = std::chrono::minutes(1);

milliseconds round_up(nanoseconds time) {
  return duration_cast<milliseconds>(time + milliseconds(1) - nanoseconds(1));
}

}  // namespace

// GCRA with the "theoretical arrival time": next_free is when the window would be wholly free. A call
// passes while that is less than a minute, less one interval, ahead.
std::optional<RateDecision> MemoryRateWindow::try_take(std::string_view subject,
                                                       std::int64_t limit_per_minute, SteadyTime now) {
  auto& shard = shards_[Hash{}(subject) % kShards];
  const std::lock_guard lock(shard.mutex);
  if (now - shard.swept_at > kMinute) sweep(shard, now);

  auto found = shard.next_free.find(subject);
  if (found == shard.next_free.end()) found = shard.next_free.emplace(subject, now).first;

  const auto interval =
      std::max(kMinute / limit_per_minute, nanoseconds(1));  // no division by a limit past reason
  const auto busy_until = std::max(found->second, now);
  const auto after_this = busy_until + interval - now;
  if (after_this > kMinute) {
    return RateDecision{.admitted = false,
                        .remaining = 0,
                        .retry_after = round_up(after_this - kMinute),
                        .reset_after = round_up(busy_until - now)};
  }
  found->second = busy_until + interval;
  return RateDecision{.admitted = true,
                      .remaining = (kMinute - after_this) / interval,
                      .retry_after = milliseconds(0),
                      .reset_after = round_up(after_this)};
}

Awaitable<RateDecision> MemoryRateWindow::take(std::string subject, std::int64_t limit_per_minute,
                                               SteadyTime now) {
  co_return *try_take(subject, limit_per_minute, now);
}

void MemoryRateWindow::give_back(std::string_view subject, std::int64_t limit_per_minute) {
  auto& shard = shards_[Hash{}(subject) % kShards];
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.next_free.find(subject);
  if (found != shard.next_free.end()) found->second -= std::max(kMinute / limit_per_minute, nanoseconds(1));
}

void MemoryRateWindow::sweep(Shard& shard, SteadyTime now) {
  std::erase_if(shard.next_free, [now](const auto& entry) { return entry.second <= now; });
  shard.swept_at = now;
}

std::size_t MemoryRateWindow::size() const {
  std::size_t count = 0;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    count += shard.next_free.size();
  }
  return count;
}

}  // namespace relay
