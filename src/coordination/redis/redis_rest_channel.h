// That an upstream account rests, told over Redis pub/sub.
#pragma once

#include "coordination/redis/node_link.h"
#include "coordination/rest_channel.h"

#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace relay {

/// On the channel `<prefix>:rests`: one message for each rest, four lines and the node. What Redis does not
/// take at once is not told: it would be old. What comes is checked: at most 1 KB, an hour and a tenth.
class RedisRestChannel final : public RestChannel {
 public:
  /// `link` must outlive it, and is stopped before it goes.
  explicit RedisRestChannel(NodeLink& link) : link_(link) {}

  /// After on_heard().
  void start();
  void tell(const RestNews& news) override;

  static std::string to_message(const RestNews& news, std::string_view node);
  struct Message {
    std::string node;
    RestNews news;
  };
  /// Nothing for what no node of ours would say.
  static std::optional<Message> parse(std::string_view message);

 private:
  Awaitable<void> publish_all();
  std::string next_message();

  NodeLink& link_;
  std::mutex mutex_;
  std::deque<std::string> waiting_;
  bool publishing_ = false;
};

}  // namespace relay
