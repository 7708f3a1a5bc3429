#include "relay/pipeline.h"

#include "domain/identifier.h"
#include "http/forwarded_for.h"
#include "observe/log.h"
#include "relay/limit_headers.h"
#include "relay/object_phases.h"

namespace relay {
namespace {

// The SDKs take its word over the status: a 402 that a moment mends.
void set_should_retry(HttpAnswer& answer) {
  std::erase_if(answer.headers, [](const Header& header) { return header.name == "x-should-retry"; });
  answer.headers.push_back({"x-should-retry", "true"});
}

class CountedCall {
 public:
  explicit CountedCall(InFlight& in_flight)
      : in_flight_(in_flight), before_(in_flight.count.fetch_add(1, std::memory_order_relaxed)) {}
  ~CountedCall() { in_flight_.count.fetch_sub(1, std::memory_order_relaxed); }
  CountedCall(const CountedCall&) = delete;
  CountedCall& operator=(const CountedCall&) = delete;

  Result<> check(std::int64_t priority) const {
    if (before_ < in_flight_.limit_for(priority)) return ok;
    return Error(ErrorKind::overloaded, "overloaded_error", "The relay is at its limit of calls in flight")
        .retry_in(std::chrono::seconds(1));
  }

 private:
  InFlight& in_flight_;
  const std::size_t before_;
};

// Behind a call's end the account that it was at may have room for one more.
class FreedAccount {
 public:
  explicit FreedAccount(CallQueue& queue) : queue_(queue) {}
  ~FreedAccount() { queue_.slot_free(); }
  FreedAccount(const FreedAccount&) = delete;
  FreedAccount& operator=(const FreedAccount&) = delete;

 private:
  CallQueue& queue_;
};

Result<> check_journal(const UsageJournal& journal) {
  if (journal.accepting()) return ok;
  return Error(ErrorKind::unavailable, "journal_full",
               "Usage can't be recorded at the moment, so no call is taken")
      .retry_in(std::chrono::seconds(5));
}

// A client of a path that both dialects share says by this header which one it speaks.
WireDialect dialect_of(const RelayOperation& operation, const ParsedHead& head) {
  const bool is_file =
      operation.kind == RelayOperation::Kind::object && operation.object == ProviderObjectKind::file;
  const bool is_shared = operation.kind == RelayOperation::Kind::list_models || is_file;
  return is_shared && head.has(KnownField::anthropic_version) ? WireDialect::anthropic_messages
                                                              : operation.dialect;
}

}  // namespace

Pipeline::Pipeline(Parts parts)
    : parts_(parts),
      settlement_(
          {.turn = parts.turn, .prices = parts.prices, .objects = parts.objects, .clock = parts.clock}),
      accounts_(parts.accounts),
      selector_(parts.random) {}

Exchange Pipeline::begin(ServerExchange& client, const FoundOperation& operation) {
  Exchange exchange(client, json_, operation);
  exchange.dialect = dialect_of(*operation.operation, client.head());
  exchange.began = parts_.clock.now();
  exchange.began_steady = parts_.clock.steady_now();
  exchange.request_id = make_identifier("req_", exchange.began, parts_.random);
  exchange.client_address = client.peer_address();
  if (!parts_.trusted_proxies.empty()) {
    if (const auto peer = IpAddress::parse(exchange.client_address)) {
      exchange.client_address = client_address(*peer, client.head(), parts_.trusted_proxies).text();
    }
  }
  return exchange;
}

Task<> Pipeline::relay(Exchange& exchange) {
  const CountedCall call(parts_.in_flight);
  CO_TRY(const auto hash, recognise(exchange, parts_.snapshots));
  if (!exchange.key) CO_CHECK(co_await authenticate(exchange, parts_.snapshots, hash));
  CO_CHECK(authorize(exchange, exchange.began));
  CO_TRY(const bool encoded, check_encoding(exchange));
  if (!exchange.client.take_body(exchange.client.limits().body_bytes))
    CO_CHECK(co_await read_request(exchange));
  if (encoded) CO_CHECK(co_await decode_request(exchange, parts_.blocking_pool));
  CO_CHECK(look_inside(exchange));
  CO_CHECK(authorize_model(exchange));
  find_candidates(exchange, accounts_);
  if (names_objects(exchange)) CO_CHECK(co_await check_references(exchange, parts_.objects));
  if (!exchange.pinned_account.empty()) pin_account(exchange);
  if (parts_.blocks_unknown_models) CO_CHECK(check_priced(exchange, settlement_.prices()));
  CO_CHECK(call.check(exchange.key->plan_priority));
  CO_CHECK(check_journal(parts_.journal));
  const AdmissionParts admission{.rates = parts_.rates,
                                 .leases = parts_.leases,
                                 .quotas = parts_.quotas,
                                 .settlement = settlement_,
                                 .watch = parts_.budget_watch,
                                 .queue = parts_.queues.of_limits,
                                 .clock = parts_.clock};
  CO_TRY(const bool admitted, admit(exchange, admission));
  if (!admitted) CO_CHECK(co_await admit_asking(exchange, admission));
  if (exchange.operation.kind == RelayOperation::Kind::object) co_return co_await relay_object(exchange);
  CO_CHECK(route(exchange, *exchange.accounts));
  if (parts_.cache != nullptr && may_ask_cache(exchange)) {
    CO_TRY(const bool answered,
           co_await answer_from_cache(exchange, *parts_.cache, settlement_, parts_.blocking_pool));
    if (answered) co_return ok;
  }
  watch_client(exchange);
  if (exchange.operation.kind == RelayOperation::Kind::list_models) {
    if (!passes_models_on(exchange, *exchange.accounts)) co_return co_await list_models(exchange);
    CO_CHECK(co_await attempt(exchange, parts_.connections, settlement_, parts_.limits));
  } else {
    CO_TRY(const auto reached, co_await reach_account(exchange, reach_parts()));
    if (reached == Reached::answered) co_return ok;
    if (reached == Reached::counted_here) co_return co_await answer_count(exchange);
  }
  if (counts_tokens_here(exchange)) {
    exchange.upstream.reset();
    co_return co_await answer_count(exchange);
  }
  if (exchange.translated) {
    co_return co_await stream_translated(exchange, parts_.connections, settlement_, parts_.blocking_pool,
                                         parts_.limits);
  }
  const bool ended_well = co_await stream(exchange, parts_.connections, settlement_, parts_.limits);
  if (!ended_well) exchange.client.close_after();
  co_return ok;
}

ReachParts Pipeline::reach_parts() {
  return {.selector = selector_,
          .queue = parts_.queues.of_accounts,
          .retries = parts_.retries,
          .rests = parts_.rests,
          .connections = parts_.connections,
          .settlement = settlement_,
          .pool = parts_.blocking_pool,
          .clock = parts_.clock,
          .random = parts_.random,
          .limits = parts_.limits};
}

Task<> Pipeline::list_models(Exchange& exchange) {
  const ModelsParts models{.accounts = *exchange.accounts,
                           .lists = model_lists_,
                           .connections = parts_.connections,
                           .settlement = settlement_,
                           .limits = parts_.limits};
  CO_TRY(auto answer, co_await answer_models(exchange, models));
  co_return co_await send(exchange, std::move(answer));
}

Task<> Pipeline::send(Exchange& exchange, HttpAnswer answer) {
  const bool taken = co_await exchange.client.answer(std::move(answer));
  if (!taken) exchange.client.close_after();
  co_return ok;
}

Task<> Pipeline::answer_count(Exchange& exchange) {
  CO_TRY(auto answer, co_await count_tokens(exchange, parts_.blocking_pool));
  co_return co_await send(exchange, std::move(answer));
}

Awaitable<void> Pipeline::serve(ServerExchange& client, FoundOperation operation) {
  if (operation.operation->kind == RelayOperation::Kind::open_websocket)
    co_return co_await serve_websocket(client);
  const FreedAccount freed(parts_.queues.of_accounts);  // gone after the exchange
  auto exchange = begin(client, operation);
  auto outcome = co_await relay(exchange);
  client.client().unwatch();
  if (outcome.has_error()) co_return co_await refuse(exchange, std::move(outcome).error());
}

Awaitable<void> Pipeline::refuse(Exchange& exchange, Error error) {
  auto& client = exchange.client;
  // A client that left is no refusal, and there may be thousands of them.
  log_at(exchange.client_gone ? LogLevel::debug : LogLevel::info, "relay",
         exchange.client_gone ? "the client left" : "refused",
         {{"request_id", exchange.request_id},
          {"code", error.code()},
          {"key_id", exchange.key ? std::string_view(exchange.key->key_id) : std::string_view()},
          {"cause", error.cause()}});
  if (!client.client().is_open() || client.answer_begun()) co_return;
  const auto shape = shape_of(exchange.dialect);
  auto answer = error_answer(error, shape, exchange.request_id);
  answer.headers.push_back({"x-relay-request-id", exchange.request_id});
  append_limit_headers(answer, exchange);
  if (error.code() == "budget_held") set_should_retry(answer);
  if (error.code() == "websocket_version") answer.headers.push_back({"Sec-WebSocket-Version", "13"});
  static_cast<void>(co_await client.answer(std::move(answer)));
}

}  // namespace relay
