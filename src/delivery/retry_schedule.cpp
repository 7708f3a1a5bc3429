#include "delivery/retry_schedule.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace relay {

std::optional<std::chrono::milliseconds> RetrySchedule::wait_after(std::int64_t attempts,
                                                                   Random& random) const {
  if (attempts >= attempts_max) return std::nullopt;
  auto whole = first;
  for (std::int64_t i = 1; i < attempts && whole < most; ++i) whole *= 2;
  whole = std::min(whole, most);
  std::array<std::byte, sizeof(std::uint64_t)> bytes;
  random.fill(bytes);
  std::uint64_t drawn = 0;
  std::memcpy(&drawn, bytes.data(), bytes.size());
  const auto half = whole.count() / 2;
  return std::chrono::milliseconds(
      half + static_cast<std::int64_t>(drawn % static_cast<std::uint64_t>(whole.count() - half + 1)));
}

}  // namespace relay
