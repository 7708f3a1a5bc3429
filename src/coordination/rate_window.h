// How often a key may call: the limit itself, wherever its state is kept. Implementations:
// coordination/memory, coordination/redis.
#pragma once

#include "async/task.h"
#include "base/clock.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
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
/// Thread-safe.
class RateWindow {
 public:
  virtual ~RateWindow() = default;

  /// Takes one call of `subject` (a key id) from its `limit_per_minute` (> 0), at once: from memory, or from
  /// credits that were fetched before. Nothing: the shared state must be asked, call take(). A plain
  /// function, because it is on every call's way.
  virtual std::optional<RateDecision> try_take(std::string_view subject, std::int64_t limit_per_minute,
                                               SteadyTime now) = 0;

  /// The same, and may ask the shared state. Never fails, and waits 50 ms at most: when the shared state is
  /// away the node decides by its share of the limit.
  virtual Awaitable<RateDecision> take(std::string subject, std::int64_t limit_per_minute,
                                       SteadyTime now) = 0;

  /// Of a call that was let in and then refused by another limit. Never waits.
  virtual void give_back(std::string_view subject, std::int64_t limit_per_minute) = 0;
};

}  // namespace relay
