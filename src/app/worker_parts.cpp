#include "app/worker_parts.h"

#include "api/router.h"
#include "domain/identifier.h"
#include "http/error_answer.h"
#include "http/forwarded_for.h"
#include "relay/operation.h"

#include <boost/asio/executor_work_guard.hpp>

namespace relay {
namespace {

UpstreamLimits upstream_limits(const Settings& settings) {
  return {.connect = settings.connect_timeout,
          .idle = settings.keep_alive,
          .idle_per_address = settings.idle_connections};
}

AttemptLimits attempt_limits(const Settings& settings) {
  return {.first_byte = settings.first_byte_timeout,
          .idle = settings.stream_idle_timeout,
          .send = settings.write_timeout,
          .keep_alive = settings.sse_keep_alive,
          .total = settings.upstream_total_timeout,
          .attempts_max = settings.upstream_attempts_max,
          .hedge_after = settings.upstream_hedge_after};
}

ServerLimits server_limits(const Settings& settings) {
  ServerLimits limits;
  limits.body_bytes = settings.body_bytes_max;
  limits.head_timeout = settings.head_timeout;
  limits.body_timeout = settings.body_timeout;
  limits.idle_timeout = settings.idle_timeout;
  limits.write_timeout = settings.write_timeout;
  return limits;
}

// The client API's own bodies are small; what is larger is refused before it is read.
constexpr std::size_t kApiBodyBytesMax = 1024 * 1024;

}  // namespace

WorkerParts::WorkerParts(int number, const Workers::Parts& parts, InFlight& in_flight, CallQueues& queues,
                         ResponseCache* cache)
    : shared(parts),
      worker(number),
      random(parts.random),
      connections(worker, parts.upstream_tls, upstream_limits(parts.settings)),
      snapshots({.keys = parts.keys,
                 .generation = parts.generation,
                 .known = parts.known_keys,
                 .clock = parts.clock,
                 .executor = worker.executor()}),
      turn(parts.journal, worker.executor(), worker.turn_io(), parts.sync_pool),
      pipeline({.snapshots = snapshots,
                .rates = parts.rates,
                .leases = parts.leases,
                .quotas = parts.quotas,
                .queues = queues,
                .budget_watch = &parts.budget_watch,
                .accounts = parts.accounts,
                .retries = parts.retries,
                .rests = parts.rests,
                .blocking_pool = parts.blocking_pool,
                .connections = connections,
                .journal = parts.journal,
                .turn = turn,
                .prices = parts.prices,
                .blocks_unknown_models = parts.settings.blocks_unknown_models,
                .objects = parts.objects,
                .in_flight = in_flight,
                .cache = cache,
                .trusted_proxies = parts.settings.trusted_proxies,
                .clock = parts.clock,
                .random = random,
                .limits = attempt_limits(parts.settings),
                .has_websocket = parts.settings.responses_websocket == ResponsesWebSocket::bridge}) {}

void WorkerParts::listen(std::vector<int> listeners, std::uint16_t port, std::size_t connections_max) {
  const auto& settings = shared.settings;
  HttpServer::Parts parts{.worker = worker,
                          .serve = [this](ServerExchange& client) { return serve(client); },
                          .limits = server_limits(settings),
                          .tls = shared.server_tls,
                          .connections_max = connections_max,
                          .listeners = std::move(listeners)};
  server = std::make_unique<HttpServer>(std::move(parts), ListenAddress{.host = settings.host, .port = port});
}

void WorkerParts::run() {
  const auto work = boost::asio::make_work_guard(worker.context());
  server->start();
  worker.context().run();
  turn.flush();
}

Awaitable<void> WorkerParts::serve(ServerExchange& client) {
  const auto& head = client.head();
  const auto found = find_operation(head.method(), head.path());
  if (found.match == RelayPath::known) return pipeline.serve(client, found);
  return serve_api(client);
}

Awaitable<void> WorkerParts::serve_api(ServerExchange& client) {
  HttpRequest request;
  request.request_id = make_identifier("req_", shared.clock.now(), random);
  const auto read = co_await client.read_body(kApiBodyBytesMax);
  const auto& head = client.head();
  request.method = head.method();
  request.path = head.path();
  request.query = head.query();
  for (const HeadField field : head.fields()) {
    request.headers.push_back({std::string(field.name), std::string(field.value)});
  }
  request.client_address = client.peer_address();
  request.is_tls = client.is_tls();
  if (const auto peer = IpAddress::parse(client.peer_address())) {
    request.is_loopback_peer = peer->is_loopback();
    request.client_address = client_address(*peer, head, shared.settings.trusted_proxies).text();
    request.is_tls = request.is_tls || came_over_tls(*peer, head, shared.settings.trusted_proxies);
  }
  if (read.has_error()) {
    auto refusal = shared.router.refuse(request, read.error());
    refusal.headers.push_back({"x-relay-request-id", request.request_id});
    static_cast<void>(co_await client.answer(std::move(refusal)));
    co_return;
  }
  request.body = client.body();
  const auto request_id = request.request_id;
  const auto wrong_method = find_operation(head.method(), head.path()).match == RelayPath::wrong_method;
  HttpAnswer answer;
  if (wrong_method && !shared.router.knows(request.path)) {
    const auto* operation = find_operation(head.method(), head.path()).operation;
    answer =
        method_not_allowed_answer(allowed_methods(head.path()), shape_of(operation->dialect), request_id);
  } else {
    answer = co_await shared.router.respond(std::move(request));
  }
  answer.headers.push_back({"x-relay-request-id", request_id});
  static_cast<void>(co_await client.answer(std::move(answer)));
}

}  // namespace relay
