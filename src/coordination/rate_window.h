// How often a key may call: the limit itself, wherever its state is kept.
#pragma once

#include "base/clock.h"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace relay {

/// What the window says to one call. `remaining` is for the ratelimit headers.
struct RateDecision {
  bool admitted = true;
  std::int64_t remaining = 0;
  std::chrono::milliseconds retry_after{0};  // of a refusal: when one call would pass
  std::chrono::milliseconds reset_after{0};  // when the whole limit is free again
};

/// GCRA (ITU-T I.371): a limit of N a minute lets N pass at once and one more every 60/N seconds.
/// Never waits: an implementation that shares state with other nodes spends credits it has fetched
/// before. Thread-safe.
class RateWindow {
 public:
  virtual ~RateWindow() = default;

  /// Takes one call of `subject` (a key id) from its `limit_per_minute` (> 0).
  virtual RateDecision take(std::string_view subject, std::int64_t limit_per_minute, SteadyTime now) = 0;
};

}  // namespace relay
