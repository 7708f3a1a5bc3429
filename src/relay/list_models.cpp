#include "dialect/models_list.h"
#include "http/content_coding.h"
#include "net/upstream_connections.h"
#include "relay/phases.h"

#include <optional>

namespace relay {
namespace {

using ReadStatus = ReadOutcome::Status;

constexpr std::size_t kListBytesMax = 4 * 1024 * 1024;

Error unreadable_list(std::string cause) {
  return Error(ErrorKind::bad_gateway, "models_unreadable",
               "The upstream provider's list of models can't be read")
      .because(std::move(cause));
}

bool allows(const Exchange& exchange, std::string_view model) {
  const bool is_anthropic = exchange.dialect == WireDialect::anthropic_messages;
  const auto permission = is_anthropic ? Permission::claude : Permission::codex;
  return exchange.key->permissions.allows(permission) && exchange.key->models.allows(model);
}

// Reads the whole answer, decoded. The list is small and somebody's request waits for all of it.
Task<std::string> read_list(Exchange& exchange, UpstreamConnections& connections,
                            const AttemptLimits& limits) {
  auto& upstream = *exchange.upstream;
  auto& framing = exchange.answer.framing;
  std::optional<ContentDecoder> decoder;
  if (exchange.answer.coding != ContentCoding::identity)
    decoder.emplace(exchange.answer.coding, kListBytesMax);
  std::string list;
  const auto keep = [&](std::string_view payload) {
    if (!decoder) return static_cast<void>(list.append(payload));
    static_cast<void>(decoder->feed(payload, [&list](std::string_view decoded) { list.append(decoded); }));
  };
  auto bytes = exchange.answer.rest;
  while (true) {
    framing.feed(bytes, keep);
    if (framing.malformed() || list.size() > kListBytesMax)
      co_return unreadable_list("too long, or badly framed");
    if (decoder && decoder->stopped()) co_return unreadable_list("badly compressed, or too long");
    if (framing.complete()) break;
    const auto room = exchange.client.worker().answer_room();
    const auto outcome = upstream.try_read(room);
    bytes = {room.data(), outcome.bytes};
    if (outcome.status == ReadStatus::data) continue;
    if (outcome.status == ReadStatus::end && framing.complete_at_close()) co_return list;
    if (outcome.status != ReadStatus::would_block) co_return unreadable_list("cut");
    upstream.close_in(limits.idle);
    const bool open = co_await upstream.readable();
    if (!open) co_return unreadable_list("no more of it came in time");
  }
  if (exchange.answer.keep_alive)
    connections.give_back(exchange.account->address, std::move(exchange.upstream));
  co_return list;
}

}  // namespace

bool lists_all_models(const Exchange& exchange) {
  const bool is_anthropic = exchange.dialect == WireDialect::anthropic_messages;
  const auto permission = is_anthropic ? Permission::claude : Permission::codex;
  return exchange.key->permissions.allows(permission) && exchange.key->models.patterns().empty();
}

Result<> authorize_listed_model(const Exchange& exchange) {
  if (exchange.path_tail.empty() || allows(exchange, exchange.path_tail.substr(1))) return ok;
  return Error(ErrorKind::not_found, "model_not_found",
               "model: " + std::string(exchange.path_tail.substr(1, 200)));
}

Task<HttpAnswer> list_models(Exchange& exchange, UpstreamConnections& connections,
                             const AttemptLimits& limits) {
  CO_TRY(auto list, co_await read_list(exchange, connections, limits));
  exchange.upstream.reset();
  const auto may_use = [&exchange](std::string_view id) { return allows(exchange, id); };
  CO_TRY(auto kept, filter_models_list(list, exchange.json, may_use));
  HttpAnswer answer;
  answer.headers.push_back({"Content-Type", "application/json"});
  answer.headers.push_back({"x-relay-request-id", exchange.request_id});
  answer.body = std::move(kept);
  co_return answer;
}

}  // namespace relay
