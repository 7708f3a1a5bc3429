#include "app/redis_settings.h"

#include "app/start_up.h"

namespace relay {

RedisSettings redis_settings(const Settings& settings) {
  auto redis = or_throw("REDIS_URL", parse_redis_url(settings.redis_url));
  redis.ca_file = settings.redis_ca_file;
  return redis;
}

}  // namespace relay
