// One accepted connection: request after request until one side has had enough.
#pragma once

#include "net/server_exchange.h"

#include <chrono>
#include <list>
#include <string>

namespace relay {

struct HttpServerState;

/// Only http_server.cpp makes them. On its worker's thread.
class ServerConnection {
 public:
  using List = std::list<ServerConnection*>;

  ServerConnection(HttpServerState& server, int descriptor, std::string peer);
  ~ServerConnection();
  ServerConnection(const ServerConnection&) = delete;
  ServerConnection& operator=(const ServerConnection&) = delete;

  Awaitable<void> serve();
  /// Closes when nothing is asked of it; one that is new has a moment to ask.
  void drain();
  void close() { stream_.hang_up(); }

 private:
  Awaitable<bool> read_head();
  Awaitable<bool> refuse_head();
  Awaitable<bool> serve_one();
  Awaitable<void> linger();
  std::chrono::milliseconds first_request_timeout() const;
  std::chrono::milliseconds next_request_timeout() const;

  HttpServerState& server_;
  List::iterator place_;
  std::string peer_;
  Stream stream_;
  InputBuffer input_;
  HeadReader reader_;
  ServerExchange* serving_ = nullptr;
  bool served_any_ = false;
  bool idle_ = false;
};

}  // namespace relay
