#include "redis/growing_rest.h"

#include "base/random.h"

#include <algorithm>
#include <array>
#include <utility>

namespace relay {

std::chrono::milliseconds GrowingRest::next() {
  SystemRandom random;
  std::array<std::byte, 2> drawn{};
  random.fill(drawn);
  const auto part = std::to_integer<int>(drawn[0]) * 256 + std::to_integer<int>(drawn[1]);
  const auto rest = std::exchange(rest_, std::min(rest_ * 2, kMax));
  return rest / 2 + rest / 2 * part / 65536;
}

}  // namespace relay
