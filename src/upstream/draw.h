// Numbers drawn from the injected source.
#pragma once

#include "base/random.h"

#include <cstdint>
#include <span>

namespace relay {

inline std::uint64_t draw_word(Random& random) {
  std::uint64_t word = 0;
  random.fill(std::as_writable_bytes(std::span(&word, 1)));
  return word;
}

/// From 0 up to, but not including, 1.
inline double draw_unit(Random& random) { return static_cast<double>(draw_word(random) >> 11) * 0x1p-53; }

}  // namespace relay
