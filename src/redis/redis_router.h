// Where each command goes: to the one server, or to the node of a cluster that has its key.
#pragma once

#include "redis/redis_node.h"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/intrusive/list.hpp>

#include <atomic>
#include <memory>

namespace relay {

/// All calls on the client's thread, but is_connected() and is_cluster().
class RedisRouter final : private RedisNodeOwner {
 public:
  /// All must outlive it.
  RedisRouter(boost::asio::io_context& context, const RedisSettings& settings, const Clock& clock);
  ~RedisRouter();

  /// Begins to connect.
  void start();
  /// Takes the call on its way. Failed at once behind stop().
  void send(const std::shared_ptr<RedisCall>& call);
  /// Fails all that is open; connections end.
  void stop();

  bool is_connected() const { return connected_.load(std::memory_order_relaxed); }
  bool is_cluster() const { return cluster_.load(std::memory_order_relaxed); }

 private:
  using Timer =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                        boost::asio::wait_traits<std::chrono::steady_clock>, IoExecutor>;
  using OpenCalls = boost::intrusive::list<RedisCall, boost::intrusive::constant_time_size<false>>;

  void on_ready(RedisNode& node, const RedisConnection::Greeting& greeting) override;
  void on_away(RedisNode& node) override;
  void on_reply(RedisNode& node, OwedReply owed, RedisReply reply) override;
  void watch_time() override;

  void look_again();
  void sweep();
  bool fail_late_calls(SteadyTime now);
  void note_state();

  boost::asio::io_context& context_;
  const RedisSettings& settings_;
  const Clock& clock_;
  std::shared_ptr<RedisNode> seed_;
  OpenCalls open_;
  SteadyTime next_due_ = SteadyTime::max();
  Timer timer_;
  bool watching_ = false;
  bool stopped_ = false;
  std::atomic<bool> connected_{false};
  std::atomic<bool> cluster_{false};
};

}  // namespace relay
