// The connections to one server, made anew when they are lost.
#pragma once

#include "redis/growing_rest.h"
#include "redis/redis_connection.h"

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace relay {

class RedisNode;

/// Whom the nodes work for. On the client's thread.
class RedisNodeOwner {
 public:
  /// A connection is there, the first or another one.
  virtual void on_ready(RedisNode& node, const RedisConnection::Greeting& greeting) = 0;
  /// The last of a node's connections is gone, or the first attempt has failed.
  virtual void on_away(RedisNode& node) = 0;
  virtual void on_reply(RedisNode& node, OwedReply owed, RedisReply reply) = 0;
  /// Something has begun whose time sweep() must look at.
  virtual void watch_time() = 0;

 protected:
  ~RedisNodeOwner() = default;
};

/// Belongs to the client's thread; what it waits for owns it too.
class RedisNode : public std::enable_shared_from_this<RedisNode> {
 public:
  /// Both must outlive it.
  RedisNode(const RedisShared& shared, RedisAddress address, RedisNodeOwner& owner);

  /// Begins to connect; again and again until close().
  void start();
  /// These commands of the call, on one connection, in their order. Waits for a connection only while one is
  /// being made that may well succeed: the first, or the one right after another was lost. Fails at once
  /// else. `asking`: with ASKING before each.
  void send(const std::shared_ptr<RedisCall>& call, std::span<const std::size_t> indices,
            bool asking = false);

  const RedisAddress& address() const { return address_; }
  bool is_ready() const;
  SteadyTime last_used() const { return last_used_; }
  /// Ends what takes too long. False when nothing waits: no need to call again before watch_time().
  bool sweep(SteadyTime now);
  /// Makes its connections anew: behind the same name may stand another server.
  void renew(const std::string& reason);
  void close();

 private:
  struct Place {
    explicit Place(IoExecutor executor) : rest(executor) {}
    RedisTimer rest;
    std::shared_ptr<RedisConnection> connection;
    bool hopeful = true;  // what is being tried may well succeed
    bool ready = false;
    SteadyTime open_due{};
  };
  struct Held {
    std::shared_ptr<RedisCall> call;
    std::size_t index = 0;
    bool asking = false;
  };

  static Awaitable<void> keep_connected(std::shared_ptr<RedisNode> self, std::size_t at);
  Awaitable<bool> connect_and_serve(Place& place);
  void settle_held();
  RedisConnection* least_busy() const;
  static void put(RedisConnection& connection, Held held);

  const RedisShared& shared_;
  const RedisAddress address_;
  RedisNodeOwner& owner_;
  std::vector<std::unique_ptr<Place>> places_;
  std::deque<Held> held_;
  SteadyTime last_used_;
  std::string failure_ = "not connected yet";
  bool closed_ = false;
};

}  // namespace relay
