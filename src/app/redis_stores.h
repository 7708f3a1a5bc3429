#pragma once

#include "app/stores.h"

namespace relay {

/// Every store in Redis, on a client of its own. Throws std::runtime_error with words for the operator.
std::unique_ptr<Stores> open_redis_stores(const Settings& settings);

}  // namespace relay
