// One node's tie to the others through Redis: whether it can be asked, how many nodes there are, and a loop
// for what is done behind the calls.
#pragma once

#include "base/clock.h"
#include "redis/redis_client.h"

#include <boost/asio/basic_waitable_timer.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace relay {

/// A breaker stands before Redis: the first question that fails, or is not answered within 50 ms, opens it.
/// While it is open nobody asks, and every node takes its share of the limits. Only the heartbeat tries Redis
/// then, after 1 s, 2 s, 4 s, then every 5 s; the first that passes closes it.
///
/// Nodes: each heartbeat (every 2 s) writes this node's id and the server's time into the zset
/// `{<prefix>:nodes}` and counts who did so in the last 10 s. A node that starts while Redis is away knows of
/// itself only, and takes the whole of each limit for its share.
class NodeLink {
 public:
  static constexpr std::chrono::milliseconds kDeadline{50};
  struct Settings {
    std::string prefix = "relay";                    // of every key and channel
    std::string node_id{};                           // random, of this process
    std::chrono::milliseconds deadline = kDeadline;  // of an answer
  };
  using Timer =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                        boost::asio::wait_traits<std::chrono::steady_clock>, IoExecutor>;
  /// `client` and `clock` must outlive it. The client is stopped before this is destroyed: its answers come
  /// home to the loop.
  NodeLink(RedisClient& client, const Clock& clock, Settings settings);
  ~NodeLink();
  NodeLink(const NodeLink&) = delete;
  NodeLink& operator=(const NodeLink&) = delete;

  /// Both on the loop's thread, to be given before start(): `sweep` four times a second, `recovered` each
  /// time that the breaker closes: what Redis knew of this node may be gone.
  void on_sweep(std::function<void()> sweep) { sweeps_.push_back(std::move(sweep)); }
  void on_recovered(std::function<void()> recovered) { recovered_.push_back(std::move(recovered)); }
  /// Starts the loop, and waits up to 2 s for the first heartbeat.
  void start();
  /// Ends the loop: nothing is swept any more. May be called twice.
  void stop();

  // What follows is thread-safe.

  /// Whether the breaker lets a question pass.
  bool can_ask() const { return can_ask_.load(std::memory_order_acquire); }
  /// Waits for 50 ms at most; unavailable at once when !can_ask(). `script` must outlive the call.
  Task<RedisReply> ask(const RedisScript& script, std::string key, std::vector<std::string> args);
  /// Nodes seen in the last 20 s in which Redis was there; this one counts.
  std::int64_t nodes() const { return nodes_.load(std::memory_order_relaxed); }
  /// What this node may let pass of `limit` by itself: an even part, and one at least.
  std::int64_t share_of(std::int64_t limit) const { return std::max<std::int64_t>(limit / nodes(), 1); }

  /// `{<prefix>:<kind>:<subject>}`: on a cluster each has a slot of its own.
  std::string key(std::string_view kind, std::string_view subject) const;
  const std::string& prefix() const { return settings_.prefix; }
  const std::string& node_id() const { return settings_.node_id; }
  RedisClient& client() { return client_; }
  /// For work behind the calls. What waits on it when it is stopped waits for ever.
  IoExecutor executor() { return loop_.get_executor(); }

 private:
  Awaitable<void> beat_for_ever();
  Awaitable<void> sweep_for_ever();
  Task<std::int64_t> beat();
  void trip(const Error& error);
  void count(std::int64_t nodes);

  RedisClient& client_;
  const Clock& clock_;
  const Settings settings_;
  std::vector<std::function<void()>> sweeps_, recovered_;
  std::atomic<bool> can_ask_{false};  // until the first heartbeat has passed
  std::atomic<bool> has_beaten_{false};
  std::atomic<std::int64_t> nodes_{1};
  std::array<std::int64_t, 5> counts_{};  // the loop's: what the last heartbeats counted
  std::size_t beats_ = 0;                 // the loop's
  int failures_ = 0;                      // the loop's, since the last that passed
  SteadyTime next_beat_{};                // the loop's
  boost::asio::io_context loop_{1};
  Timer beat_timer_;
  Timer sweep_timer_;
  std::thread thread_;
};

}  // namespace relay
