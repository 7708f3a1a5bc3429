#include "redis/redis_command.h"

namespace relay {

RedisCommand&& RedisCommand::key(std::string_view name) && {
  if (key_ == 0) key_ = words_.size();
  words_.emplace_back(name);
  return std::move(*this);
}

RedisCommand&& RedisCommand::arg(std::string_view value) && {
  words_.emplace_back(value);
  return std::move(*this);
}

RedisCommand&& RedisCommand::arg(std::int64_t value) && {
  words_.push_back(std::to_string(value));
  return std::move(*this);
}

}  // namespace relay
