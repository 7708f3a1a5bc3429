// Listens, accepts, reads request heads and hands each request to the one handler.
#pragma once

#include "net/server_exchange.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace relay {

class TlsServer;
struct HttpServerState;

/// Answers one request, exactly once, on the worker's thread. Never throws.
using ServeRequest = std::function<Awaitable<void>(ServerExchange&)>;

struct ListenAddress {
  std::string host = "127.0.0.1";  // an address, not a name
  std::uint16_t port = 3001;       // 0: the kernel picks one
};

/// One worker's listener. Several on one port (SO_REUSEPORT) share the connections between them. A head
/// that breaks RFC 9112 is refused with 400, 414 or 431 before the handler hears of it, and the
/// connection is closed.
class HttpServer {
 public:
  struct Parts {
    Worker& worker;
    ServeRequest serve;
    ServerLimits limits;
    const TlsServer* tls = nullptr;  // null: plain HTTP
    std::size_t connections_max = 16'384;
  };

  /// Binds at once; throws std::system_error with words for the operator (start-up only).
  HttpServer(Parts parts, const ListenAddress& address);
  ~HttpServer();

  std::uint16_t port() const;
  void start();

  /// Accepts no more and closes idle connections; the others end after their present answer, one that has
  /// not asked for anything yet after its first, or after a second. On the worker's thread.
  void drain();
  /// Connections still open. On the worker's thread.
  std::size_t open_connections() const;
  /// Ends what the drain limit did not wait for. On the worker's thread.
  void close_all();

 private:
  std::shared_ptr<HttpServerState> state_;
};

}  // namespace relay
