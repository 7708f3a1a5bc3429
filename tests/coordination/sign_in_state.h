// What stands behind the doors of sign-in (nonces, tickets, throttles), for contracts that hold in memory and
// over Redis.
#pragma once

#include "coordination/memory/memory_nonce_store.h"
#include "coordination/memory/memory_throttle.h"
#include "coordination/memory/memory_ticket_store.h"
#include "coordination/redis/redis_nonce_store.h"
#include "coordination/redis/redis_throttle.h"
#include "coordination/redis/redis_ticket_store.h"
#include "fakes/await.h"
#include "fakes/fixed_clock.h"
#include "redis/redis_client.h"
#include "servers/redis_server.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace relay::test {

class SignInState {
 public:
  virtual ~SignInState() = default;
  virtual NonceStore& nonces() = 0;
  virtual TicketStore& tickets() = 0;
  virtual Throttle& throttle() = 0;
  virtual void pass_time(std::chrono::milliseconds time) = 0;
};

class MemorySignInState final : public SignInState {
 public:
  NonceStore& nonces() override { return nonces_; }
  TicketStore& tickets() override { return tickets_; }
  Throttle& throttle() override { return throttle_; }
  void pass_time(std::chrono::milliseconds time) override { clock_.advance(time); }

 private:
  FixedClock clock_;
  MemoryNonceStore nonces_{clock_};
  MemoryTicketStore tickets_{clock_};
  MemoryThrottle throttle_{clock_};
};

/// Each with a prefix of its own. Time is in Redis only as what is left of its keys' lives: to let some pass
/// is to take it from them.
class RedisSignInState final : public SignInState {
 public:
  NonceStore& nonces() override { return nonces_; }
  TicketStore& tickets() override { return tickets_; }
  Throttle& throttle() override { return throttle_; }

  void pass_time(std::chrono::milliseconds time) override {
    for (const auto& key : keys()) {
      const auto left = left_of(key) - time.count();
      auto command = left > 0 ? RedisCommand("PEXPIRE").key(key).arg(left) : RedisCommand("DEL").key(key);
      await(client_.run(std::move(command))).value();
    }
  }

  std::vector<std::string> keys() {
    std::vector<std::string> found;
    const auto reply = await(client_.run(RedisCommand("KEYS").arg("{" + prefix_ + ":*"))).value();
    for (const auto& key : reply.items) found.push_back(key.text);
    return found;
  }
  std::int64_t left_of(const std::string& key) {
    return await(client_.run(RedisCommand("PTTL").key(key))).value().number;
  }

 private:
  static std::string new_prefix() {
    static int number = 0;
    return "sign_in_" + std::to_string(++number);
  }
  static RedisSettings settings() {
    RedisSettings settings;
    settings.port = shared_redis().port();
    return settings;
  }

  const std::string prefix_ = new_prefix();
  RedisClient client_{settings()};
  RedisNonceStore nonces_{client_, prefix_};
  RedisTicketStore tickets_{client_, prefix_};
  RedisThrottle throttle_{client_, prefix_};
};

struct SignInStateMaker {
  const char* name;
  std::unique_ptr<SignInState> (*make)();
};

/// For test suites of both: `class X : public SignInStateContract`, then INSTANTIATE_SIGN_IN_STATES(X).
class SignInStateContract : public testing::TestWithParam<SignInStateMaker> {
 protected:
  const std::unique_ptr<SignInState> state_ = GetParam().make();
};

inline std::vector<SignInStateMaker> sign_in_states() {
  return {{"memory", [] { return std::unique_ptr<SignInState>(std::make_unique<MemorySignInState>()); }},
          {"redis", [] { return std::unique_ptr<SignInState>(std::make_unique<RedisSignInState>()); }}};
}

}  // namespace relay::test

#define INSTANTIATE_SIGN_IN_STATES(suite)                                                \
  INSTANTIATE_TEST_SUITE_P(All, suite, testing::ValuesIn(relay::test::sign_in_states()), \
                           [](const auto& about) { return std::string(about.param.name); })
