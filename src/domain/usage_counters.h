// Running totals that a key or a user carries. Written by the usage store alone.
#pragma once

#include "domain/money.h"

#include <cstdint>

namespace relay {

struct UsageCounters {
  std::int64_t requests = 0;
  std::int64_t tokens = 0;    // billed ones: none of the relay's cached answers
  NanoUsd cost_nano_usd = 0;  // what was charged: a rerate does not change it
  friend bool operator==(const UsageCounters&, const UsageCounters&) = default;
};

}  // namespace relay
