// One channel, listened to on a connection of its own.
#pragma once

#include "redis/growing_rest.h"
#include "redis/redis_connection.h"

#include <functional>
#include <memory>
#include <string>

namespace relay {

/// Belongs to the client's thread; what it waits for owns it too. Connects again, and subscribes again, until
/// close().
class RedisSubscription : public std::enable_shared_from_this<RedisSubscription> {
 public:
  /// The server for each attempt: of a cluster any node will do, and the last one may be gone.
  using AddressFor = std::function<RedisAddress(std::size_t attempt)>;

  RedisSubscription(const RedisShared& shared, std::string channel, RedisClient::Subscription wishes,
                    AddressFor address_for);

  void start();
  /// Nothing is called behind it.
  void close();

 private:
  static Awaitable<void> keep_subscribed(std::shared_ptr<RedisSubscription> self);
  static Awaitable<void> keep_watch(std::shared_ptr<RedisSubscription> self);
  /// True when it stood for a while.
  Awaitable<bool> listen_once();
  void take(const RedisReply& reply);
  void look_at_time();

  const RedisShared& shared_;
  const std::string channel_;
  const RedisClient::Subscription wishes_;
  const AddressFor address_for_;
  std::size_t attempt_ = 0;
  std::shared_ptr<RedisConnection> connection_;
  bool subscribed_ = false;
  SteadyTime give_up_{};    // to open, to subscribe, and then without a word
  SteadyTime next_ping_{};  // when subscribed
  RedisTimer rest_;
  RedisTimer watch_;
  bool closed_ = false;
};

}  // namespace relay
