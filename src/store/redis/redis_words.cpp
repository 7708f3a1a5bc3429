#include "store/redis/redis_words.h"

namespace relay {

RedisFields& RedisFields::set(std::string_view column, std::string value) {
  values_.emplace_back(column);
  values_.push_back(std::move(value));
  return *this;
}

RedisFields& RedisFields::set(std::string_view column, WallTime value) {
  return set(column, static_cast<std::int64_t>(value.time_since_epoch().count()));
}

RedisWords& RedisWords::add(std::string word) {
  words_.push_back(std::move(word));
  return *this;
}

RedisWords& RedisWords::add(WallTime time) {
  return add(static_cast<std::int64_t>(time.time_since_epoch().count()));
}

RedisWords& RedisWords::add(const RedisFields& fields) {
  add(static_cast<std::int64_t>(fields.values_.size() / 2));
  words_.insert(words_.end(), fields.values_.begin(), fields.values_.end());
  return add(fields.nulls_);
}

RedisWords& RedisWords::add(const std::vector<std::string>& words) {
  add(static_cast<std::int64_t>(words.size()));
  words_.insert(words_.end(), words.begin(), words.end());
  return *this;
}

}  // namespace relay
