// How many calls may be tried again elsewhere: a share of the traffic, so that an outage does not multiply
// it.
#pragma once

#include "base/clock.h"

#include <atomic>
#include <cstdint>
#include <mutex>

namespace relay {

/// A token bucket for one process: each call that could be tried elsewhere puts in a part of a token, each
/// retry takes one. A floor (20 at once, 2 a second) lets few calls fail over, too. Thread-safe.
class RetryBudget {
 public:
  /// `percent`: 0 to 100; 0: nothing is tried elsewhere.
  explicit RetryBudget(int percent) : part_(percent * kToken / 100) {}

  void saw_call() {
    if (tokens_.load(std::memory_order_relaxed) < kTokensMost * kToken)
      tokens_.fetch_add(part_, std::memory_order_relaxed);
  }
  bool take(SteadyTime now);

 private:
  static constexpr std::int64_t kToken = 1000;
  static constexpr std::int64_t kTokensMost = 1000;  // what a time without retries may save up
  static constexpr std::int64_t kFloor = 20;
  static constexpr std::int64_t kFloorPerSecond = 2;

  const std::int64_t part_;
  std::atomic<std::int64_t> tokens_{0};
  std::mutex mutex_;  // of the floor: retries are rare
  double floor_ = kFloor;
  SteadyTime floor_at_{};
};

}  // namespace relay
