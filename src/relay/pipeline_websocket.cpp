#include "relay/pipeline.h"
#include "relay/websocket_session.h"

namespace relay {

Task<> Pipeline::check_websocket(Exchange& exchange) {
  const auto& head = exchange.client.head();
  if (!parts_.has_websocket || !asks_for_websocket(head)) {
    co_return Error(ErrorKind::upgrade_required, "websocket_off",
                    "The WebSocket form is off here. Please use POST.");
  }
  CO_TRY(const auto hash, recognise(exchange, parts_.snapshots));
  if (!exchange.key) CO_CHECK(co_await authenticate(exchange, parts_.snapshots, hash));
  CO_CHECK(authorize(exchange, exchange.began));
  co_return check_websocket_handshake(head);
}

Awaitable<void> Pipeline::serve_websocket(ServerExchange& client) {
  const auto post = find_operation("POST", client.head().path());
  std::string request_id;
  {
    auto exchange = begin(client, post);
    auto outcome = co_await check_websocket(exchange);
    if (outcome.has_error()) co_return co_await refuse(exchange, std::move(outcome).error());
    request_id = exchange.request_id;
  }
  WebSocketSession session({.client = client,
                            .serve = [this, post](ServerExchange& call) { return serve(call, post); },
                            .json = json_,
                            .kept = kept_,
                            .clock = parts_.clock,
                            .random = parts_.random,
                            .request_id = request_id});
  static_cast<void>(co_await session.run());
}

}  // namespace relay
