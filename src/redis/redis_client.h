// The Redis client: pipelined, on an event loop and a thread of its own. Depends on async, base, http only;
// what the keys mean is said in store/redis and coordination/redis.
#pragma once

#include "async/task.h"
#include "redis/redis_command.h"
#include "redis/redis_reply.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

struct RedisSettings {
  std::string host = "127.0.0.1";
  std::uint16_t port = 6379;
  /// rediss://; the server's certificate is verified. On a cluster each node's, for the name or address that
  /// CLUSTER SLOTS gives it.
  bool tls = false;
  std::string ca_file{};  // PEM, beside the system's authorities
  std::string user{};     // ACL user; empty: the default one
  std::string password{};
  int database = 0;             // SELECT; only 0 on a cluster
  std::size_t connections = 2;  // to each server; a connection has any number of commands on their way
  /// Commands that are not answered yet, by the server: one whose caller gave up counts until its connection
  /// is taken for dead. Past it, and past 256 MB of them, unavailable at once.
  std::size_t waiting_max = 10'000;
  std::chrono::milliseconds connect_timeout{2'000};
  std::chrono::milliseconds command_timeout{5'000};  // from the call to its answer
};

/// "redis[s]://[[user][:password]@]host[:port][/database]", parts percent-encoded. validation on `REDIS_URL`;
/// its words have no password.
Result<RedisSettings> parse_redis_url(std::string_view url);

/// Thread-safe; a call resumes on the io_context it was made from. Connects by itself, and again with growing
/// waits (50 ms to 2 s); a cluster is noticed, its redirections (MOVED, ASK) are followed; ASK not for a
/// script that makes its keys of a tag: while its slot is on its way it is unavailable, and was not run.
/// Calls wait for the first try to connect, and for the one right after a loss, as long as their time allows;
/// when that has failed they fail at once until a connection stands again. Calls that do not wait for each
/// other may take effect in any order.
///
/// Errors of every call: unavailable "redis_unavailable" when there is no connection, the answer does not
/// come in time, the server is loading, read-only, has no memory or has taken a right away. Whether what was
/// sent took effect is then not known: it is never sent twice by itself. An error *reply* to run() is
/// internal "redis_refused" with the reply as its cause, unless it begins with "RELAY ": that comes back as a
/// reply of kind error, for scripts of ours.
class RedisClient {
 public:
  /// Throws std::runtime_error, with words for the operator, for a ca_file that can't be read.
  explicit RedisClient(RedisSettings settings);
  ~RedisClient();
  RedisClient(const RedisClient&) = delete;
  RedisClient& operator=(const RedisClient&) = delete;

  /// Not one that blocks (BLPOP): it would hold up those behind it on its connection.
  Task<RedisReply> run(RedisCommand command);
  /// The same, given up after `timeout` in place of command_timeout.
  Task<RedisReply> run(RedisCommand command, std::chrono::milliseconds timeout);
  /// Keys and arguments of a script; the first key decides where it runs, so there is at least one. `script`
  /// must outlive the call.
  Task<RedisReply> run(const RedisScript& script, std::vector<std::string> keys,
                       std::vector<std::string> args);
  Task<RedisReply> run(const RedisScript& script, std::vector<std::string> keys,
                       std::vector<std::string> args, std::chrono::milliseconds timeout);
  /// All at once, in one write where one server has them all, and in their order. The answers in the order of
  /// the commands; one failure fails the whole, though others may have taken effect.
  Task<std::vector<RedisReply>> run_all(std::vector<RedisCommand> commands);

  struct Subscription {
    /// On the client's thread: note it and return.
    std::function<void(std::string_view message)> on_message;
    /// The subscription is there (again): whatever was said before may have been missed.
    std::function<void()> on_subscribed;
    /// The connection was lost.
    std::function<void()> on_lost;
  };
  /// On a connection of its own, for the life of the client; before the first of its messages can come,
  /// on_subscribed is called. PING keeps a dead link from looking alive: on_lost within 5 s.
  void subscribe(std::string channel, Subscription subscription);

  /// True while at least one connection is there.
  bool is_connected() const;
  /// A server said so. False before the first connection.
  bool is_cluster() const;

  /// Ends all connections; what waits is unavailable. Before the io_contexts that wait on it go,
  /// and not from a function of a Subscription.
  void stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// The slot of a key: CRC16 of its hash tag, or of all of it (redis.io, cluster specification).
std::uint16_t redis_slot(std::string_view key);

}  // namespace relay
