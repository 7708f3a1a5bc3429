// Running totals that a key or a user carries. Written by the usage store alone.
#pragma once

#include "domain/money.h"

#include <cstdint>

namespace relay {

struct UsageCounters {
  std::int64_t requests = 0;
  std::int64_t tokens = 0;
  NanoUsd cost_nano_usd = 0;
  friend bool operator==(const UsageCounters&, const UsageCounters&) = default;
};

}  // namespace relay
