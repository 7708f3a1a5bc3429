// When a mail that could not be sent is tried again.
#pragma once

#include "base/random.h"

#include <chrono>
#include <cstdint>
#include <optional>

namespace relay {

/// One second, then twice as long each time, an hour at the most, about a day in all. A mail server that was
/// away is not asked by all mails at once: each waits between half of its time and the whole.
struct RetrySchedule {
  std::chrono::milliseconds first{1'000};
  std::chrono::milliseconds most{3'600'000};
  std::int64_t attempts_max = 34;

  /// How long to wait after so many attempts (1: the first has failed); nothing: give up.
  std::optional<std::chrono::milliseconds> wait_after(std::int64_t attempts, Random& random) const;
};

}  // namespace relay
