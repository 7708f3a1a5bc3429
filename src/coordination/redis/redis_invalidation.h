// Invalidation between nodes over Redis pub/sub.
#pragma once

#include "coordination/invalidation.h"
#include "coordination/redis/node_link.h"

#include <atomic>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>

namespace relay {

/// On the channel `<prefix>:changes`. A change is told to the listeners of this node first; publishing waits
/// in a queue, in order, and is repeated until Redis has taken it. The queue is bounded: past its bound all
/// of it becomes one "anything". Messages of this node are not heard by itself. After a loss of the
/// subscription listeners hear anything_changed(), for what was said meanwhile is gone.
class RedisInvalidation final : public Invalidation {
 public:
  /// `link` must outlive it, and is stopped before it goes.
  explicit RedisInvalidation(NodeLink& link) : link_(link) {}

  /// After the last subscribe(): from here on listeners are called on the client's thread too.
  void start();
  /// False while what other nodes say is not heard.
  bool is_listening() const { return listening_.load(std::memory_order_relaxed); }
  /// What waits to be published.
  std::size_t waiting() const;

  /// Tells every node that anything may have changed: for a command beside the servers. unavailable.
  static Task<> tell_anything(RedisClient& client, std::string prefix);

 private:
  void tell_others(std::string_view kind, std::string_view value) override;
  Awaitable<void> publish_all();
  std::string next_message();
  void read(std::string_view message);

  NodeLink& link_;
  std::atomic<bool> listening_{false};
  mutable std::mutex mutex_;
  std::deque<std::string> waiting_;
  bool publishing_ = false;
};

}  // namespace relay
