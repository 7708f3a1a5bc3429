// What one core has for itself.
#pragma once

#include "app/workers.h"
#include "net/http_server.h"
#include "net/upstream_connections.h"
#include "net/worker.h"

#include <atomic>
#include <memory>
#include <vector>

namespace relay {

/// In the order of construction. Built and destroyed on the main thread, used on its own.
struct WorkerParts {
  /// `cache`: null: nothing is kept.
  WorkerParts(int number, const Workers::Parts& shared, InFlight& in_flight, CallQueues& queues,
              ResponseCache* cache);
  WorkerParts(const WorkerParts&) = delete;
  WorkerParts& operator=(const WorkerParts&) = delete;

  /// Serves these sockets, or one of its own when there are none; at most so many connections. Throws
  /// std::system_error.
  void listen(std::vector<int> listeners, std::uint16_t port, std::size_t connections_max);
  /// The thread's whole life.
  void run();

  const Workers::Parts& shared;
  Worker worker;
  BufferedRandom random;
  UpstreamConnections connections;
  KeySnapshots snapshots;
  TurnJournal turn;
  Pipeline pipeline;
  std::unique_ptr<HttpServer> server;
  // As counted last. Until the first count of a drain it is one: a busy worker must not pass for an empty
  // one.
  std::atomic<std::size_t> open_connections{1};

 private:
  Awaitable<void> serve(ServerExchange& client);
  Awaitable<void> serve_api(ServerExchange& client);
};

}  // namespace relay
