// That an upstream account rests, told over Redis pub/sub.
#pragma once

#include "coordination/redis/node_link.h"
#include "coordination/rest_message.h"

#include <deque>
#include <mutex>
#include <string>

namespace relay {

/// On the channel `<prefix>:rests`: one message (coordination/rest_message.h) for each rest. What Redis does
/// not take at once is not told: it would be old.
class RedisRestChannel final : public RestChannel {
 public:
  /// `link` must outlive it, and is stopped before it goes.
  explicit RedisRestChannel(NodeLink& link) : link_(link) {}

  /// After on_heard().
  void start();
  void tell(const RestNews& news) override;

 private:
  Awaitable<void> publish_all();
  std::string next_message();

  NodeLink& link_;
  std::mutex mutex_;
  std::deque<std::string> waiting_;
  bool publishing_ = false;
};

}  // namespace relay
