// How the settings say to reach Redis.
#pragma once

#include "app/settings.h"
#include "redis/redis_client.h"

namespace relay {

/// Throws std::runtime_error with words for the operator.
RedisSettings redis_settings(const Settings& settings);

}  // namespace relay
