// Where each command goes: to the one server, or to the node of a cluster that has its key.
#pragma once

#include "redis/cluster_map.h"
#include "redis/redis_node.h"

#include <boost/intrusive/list.hpp>

#include <atomic>
#include <map>
#include <memory>
#include <string_view>

namespace relay {

/// All calls on the client's thread, but is_connected() and is_cluster().
class RedisRouter final : private RedisNodeOwner {
 public:
  /// `shared` must outlive it.
  explicit RedisRouter(const RedisShared& shared);
  ~RedisRouter();

  /// Begins to connect.
  void start();
  /// Takes the call on its way. Fails it at once behind stop().
  void send(const std::shared_ptr<RedisCall>& call);
  /// Fails all that is open; connections end.
  void stop();

  /// A server for a connection of another kind: another one for each attempt, of a cluster.
  RedisAddress address_for(std::size_t attempt) const;

  bool is_connected() const { return connected_.load(std::memory_order_relaxed); }
  bool is_cluster() const { return cluster_.load(std::memory_order_relaxed); }

 private:
  using OpenCalls = boost::intrusive::list<RedisCall, boost::intrusive::constant_time_size<false>>;
  class MapCall;

  void on_ready(RedisNode& node, const RedisConnection::Greeting& greeting) override;
  void on_away(RedisNode& node) override;
  void on_reply(RedisNode& node, OwedReply owed, RedisReply reply) override;
  void watch_time() override;

  void open(RedisCall& call);
  RedisNode& node_for(std::string_view key);
  RedisNode& node_at(const RedisAddress& address);
  RedisNode& any_node();
  void redirect(RedisNode& node, const OwedReply& owed, const RedisReply& reply);

  /// Asks for the slots soon; not more often than every 100 ms, so that a thousand MOVED ask once.
  void want_map();
  void ask_for_map();
  void take_map(const RedisAddress& asked, const Result<std::vector<RedisReply>>& answer);
  void drop_unused_nodes();

  void look_again();
  void sweep();
  bool fail_late_calls(SteadyTime now);
  void note_state();

  const RedisShared& shared_;
  std::map<RedisAddress, std::shared_ptr<RedisNode>> nodes_;  // the settings' one among them, always
  RedisNode& seed_;
  ClusterMap map_;
  bool map_wanted_ = false;
  bool map_asked_ = false;
  SteadyTime map_since_{};
  RedisWaiting own_calls_{1};
  OpenCalls open_;
  SteadyTime next_due_ = SteadyTime::max();
  RedisTimer timer_;
  bool watching_ = false;
  bool stopped_ = false;
  std::atomic<bool> connected_{false};
  std::atomic<bool> cluster_{false};
};

}  // namespace relay
