// One connection to one server: commands go out gathered, answers come back in their order.
#pragma once

#include "async/task.h"
#include "base/clock.h"
#include "redis/redis_call.h"
#include "redis/redis_client.h"
#include "redis/reply_reader.h"

#include <boost/asio/ip/tcp.hpp>

#include <compare>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace relay {

struct RedisAddress {
  std::string host;
  std::uint16_t port = 0;

  std::string text() const { return host + ":" + std::to_string(port); }
  auto operator<=>(const RedisAddress&) const = default;
};

class TlsBytes;
class TlsClient;

/// What all that works for one client has together; outlives it.
struct RedisShared {
  boost::asio::io_context& context;
  const RedisSettings& settings;
  const Clock& clock;
  const TlsClient* tls;  // null: plain TCP
};

/// Belongs to the client's thread; owned together by who uses it and by what it waits for.
class RedisConnection : public std::enable_shared_from_this<RedisConnection> {
 public:
  /// What a server said of itself.
  struct Greeting {
    bool cluster = false;
  };

  RedisConnection(const RedisShared& shared, RedisAddress address);
  ~RedisConnection();

  /// Look-up, TCP, TLS, AUTH, SELECT. unavailable, with the reason for the log. Whoever has no more patience
  /// closes it.
  Task<Greeting> open();
  /// Hands out the answers, each with whom it is owed to, until the connection ends. What is owed then has
  /// failed. on_reply may send. Why it ended.
  Awaitable<std::string> serve(std::function<void(OwedReply, RedisReply)> on_reply);

  /// The same for a connection that subscribes: every reply is handed out as it comes.
  Awaitable<std::string> listen(std::function<void(RedisReply)> on_reply);

  /// Only between open() and the end. Goes out with all else that this turn of the loop sends.
  void send(const RedisCommand& command, OwedReply owed);
  /// The same for one whose answer listen() hands out.
  void send(const RedisCommand& command);
  std::size_t owed() const { return owed_.size(); }
  /// The oldest answer that it owes should have come by then.
  std::optional<SteadyTime> oldest_due() const;

  /// Fails what is owed. The first reason stays.
  void close(std::string reason);
  /// The same for a peer that is silent.
  void close_as_dead();
  bool was_dead() const { return dead_; }
  bool is_open() const { return open_; }
  const std::string& reason() const { return reason_; }

 private:
  using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, IoExecutor>;
  using Resolver = boost::asio::ip::basic_resolver<boost::asio::ip::tcp, IoExecutor>;

  Task<> connect();
  Task<> connect_to(std::vector<boost::asio::ip::tcp::endpoint> endpoints);
  Task<> secure();
  Task<Greeting> greet();
  /// False: closed.
  Awaitable<bool> read_some();
  Task<RedisReply> next_reply();
  void put(const RedisCommand& command);
  void flush();
  void write();

  const RedisShared& shared_;
  const RedisAddress address_;
  Socket socket_;
  Resolver resolver_;
  std::unique_ptr<TlsBytes> tls_;
  std::string plain_;  // what TLS has taken off, for a moment
  ReplyReader reader_;
  std::vector<char> room_;
  std::string gathered_;  // goes out when what is being written is out
  std::string written_;
  bool flush_posted_ = false;
  bool writing_ = false;
  std::deque<OwedReply> owed_;
  bool open_ = true;
  bool dead_ = false;
  std::string reason_;
};

}  // namespace relay
