// The way of a call about a file, a batch or a stored response, behind admit.
#include "http/forwarded_for.h"
#include "net/upstream_connections.h"
#include "relay/batch_usage.h"
#include "relay/object_phases.h"
#include "relay/pipeline.h"
#include "relay/provider_objects.h"
#include "upstream/account_pool.h"

namespace relay {
namespace {

// Of Anthropic's batches: where the caller finds their results, behind the path it came by. Else empty.
std::string results_base(const Exchange& exchange, const std::vector<IpNetwork>& trusted_proxies) {
  constexpr std::string_view kBatches = "/messages/batches";
  const auto& head = exchange.client.head();
  const auto at = head.path().find(kBatches);
  if (exchange.operation.object != ProviderObjectKind::batch || at == std::string_view::npos) return {};
  bool is_tls = exchange.client.is_tls();
  if (const auto peer = IpAddress::parse(exchange.client.peer_address()))
    is_tls = is_tls || came_over_tls(*peer, head, trusted_proxies);
  std::string base = is_tls ? "https://" : "http://";
  // It goes into a JSON text; a host has none of these.
  for (const char c : head.host()) {
    if (c > ' ' && c != '"' && c != '\\' && c < 0x7F) base += c;
  }
  return base.append(head.path().substr(0, at + kBatches.size()));
}

// What these answer may be long, or a stream.
bool passes_by(const RelayOperation& operation) {
  return operation.call == ObjectCall::content || operation.object == ProviderObjectKind::response;
}

// The results of a batch, which nobody has read to the end yet.
bool is_to_be_recorded(const Exchange& exchange) {
  const auto& object = exchange.object->found;
  if (exchange.operation.call != ObjectCall::content || object.usage_recorded) return false;
  return object.kind == ProviderObjectKind::batch || !object.batch_id.empty();
}

}  // namespace

Task<> Pipeline::relay_object(Exchange& exchange) {
  auto& objects = parts_.objects;
  const auto& operation = exchange.operation;
  exchange.object = std::make_unique<ObjectExchange>();
  exchange.wants_stream = true;  // as it is: the relay looks into all of these answers
  if (operation.call == ObjectCall::create) {
    CO_CHECK(co_await check_new_object(exchange, objects, parts_.blocking_pool));
    exchange.candidates = std::make_shared<const CandidateList>(
        exchange.accounts->of_provider(provider_of(exchange.dialect), group_of(exchange)));
    if (exchange.candidates->empty()) co_return no_upstream(provider_of(exchange.dialect));
    if (!exchange.pinned_account.empty()) pin_account(exchange);
    CO_CHECK(choose_account(exchange, reach_parts()));
  } else if (operation.call != ObjectCall::list) {
    CO_CHECK(co_await find_own_object(exchange, objects, *exchange.accounts));
  }
  auto base = results_base(exchange, parts_.trusted_proxies);
  watch_client(exchange);
  if (operation.call == ObjectCall::list) {
    co_return co_await list_objects(exchange, objects, parts_.connections, settlement_, parts_.limits,
                                    std::move(base));
  }
  if (is_to_be_recorded(exchange))
    exchange.object->reader = std::make_unique<BatchUsage>(exchange, settlement_, parts_.quotas);
  CO_CHECK(co_await attempt(exchange, parts_.connections, settlement_, parts_.limits));
  // What is no answer has no lines.
  if (exchange.answer.status != 200) exchange.object->reader.reset();
  if (!passes_by(operation))
    co_return co_await answer_object(exchange, objects, parts_.connections, parts_.limits, std::move(base));
  const bool ended_well = co_await stream(exchange, parts_.connections, settlement_, parts_.limits);
  if (!ended_well) exchange.client.close_after();
  if (ended_well) static_cast<void>(co_await note_end(exchange));
  co_return ok;
}

Awaitable<void> Pipeline::note_end(Exchange& exchange) {
  const auto& object = exchange.object->found;
  if (exchange.operation.call == ObjectCall::remove && exchange.answer.status < 300)
    static_cast<void>(co_await parts_.objects.forget(object.id));
  const auto* usage = static_cast<const BatchUsage*>(exchange.object->reader.get());
  // A journal that took nothing more has lost some of it: the next reader makes up for that.
  if (usage != nullptr && usage->is_whole() && parts_.journal.accepting())
    static_cast<void>(co_await parts_.objects.set_usage_recorded(object));
}

}  // namespace relay
