// Listens, accepts, reads request heads and hands each request to the one handler.
#pragma once

#include "net/server_exchange.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace relay {

class TlsServer;
struct HttpServerState;

/// Answers one request, exactly once, on the worker's thread. Never throws.
using ServeRequest = std::function<Awaitable<void>(ServerExchange&)>;

struct ListenAddress {
  std::string host = "127.0.0.1";  // an address, not a name
  std::uint16_t port = 3001;       // 0: the kernel picks one
};

/// Why a server drains. `stop`: idle connections are closed at once. `successor`: another process serves the
/// same sockets already, so nobody is hurried: an idle connection has a few seconds for one more request,
/// whose answer says that it is the last. A client that asks at the very moment in which its idle connection
/// is closed would see a failed call.
enum class DrainFor { stop, successor };

/// One worker's listener. Several on one port (SO_REUSEPORT) share the connections between them. A head
/// that breaks RFC 9112 is refused with 400, 414 or 431 before the handler hears of it, and the
/// connection is closed.
///
/// When descriptors run out, accepting rests for moments of 100 ms: who waits in the kernel's queue is served
/// when some are free again.
class HttpServer {
 public:
  struct Parts {
    Worker& worker;
    ServeRequest serve;
    ServerLimits limits;
    const TlsServer* tls = nullptr;  // null: plain HTTP
    std::size_t connections_max = 16'384;
    /// Sockets that listen already, taken over from another process: owned from here on.
    std::vector<int> listeners{};
  };

  /// Binds at once when there are no listeners; throws std::system_error with words for the operator
  /// (start-up only).
  HttpServer(Parts parts, const ListenAddress& address);
  ~HttpServer();

  std::uint16_t port() const;
  void start();
  /// The sockets that listen, for a process that is to take over; they stay ours. Before drain().
  std::vector<int> listeners() const;

  /// Accepts no more and closes idle connections; the others end after their present answer, one that has
  /// not asked for anything yet after its first, or after a second. On the worker's thread.
  void drain(DrainFor reason = DrainFor::stop);
  /// Connections still open. On the worker's thread.
  std::size_t open_connections() const;
  /// Ends what the drain limit did not wait for. On the worker's thread.
  void close_all();

 private:
  std::shared_ptr<HttpServerState> state_;
};

}  // namespace relay
