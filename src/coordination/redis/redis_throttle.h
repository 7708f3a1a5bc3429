#pragma once

#include "coordination/throttle.h"

#include <cstdint>
#include <string>

namespace relay {

class RedisClient;

/// For many nodes. A hash `{<prefix>:throttle:<name>}` of attempts, doublings and how long the window is
/// remembered behind its end. No time stands in it: the key expires when that memory does, so what is left of
/// its life less the memory is what is left of the window, by Redis' clock alone. Bounded by expiry: one key
/// for each name that was tried in the last `window`, doubled, plus `longest`.
class RedisThrottle final : public Throttle {
 public:
  /// `client` must outlive it.
  RedisThrottle(RedisClient& client, std::string prefix) : client_(client), prefix_(std::move(prefix)) {}

  Task<> attempt(std::string name, ThrottleRule rule) override;
  Task<> peek(std::string name, ThrottleRule rule) override;
  Task<> forget(std::string name) override;

 private:
  Task<> ask(std::string name, ThrottleRule rule, bool counts);

  RedisClient& client_;
  const std::string prefix_;
};

}  // namespace relay
