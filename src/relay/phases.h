// The phases in the order in which they run. Each is one function in relay/<name>.cpp. A phase that has
// nothing to wait for is a plain function. Errors are for the client, in its dialect's shape.
#pragma once

#include "async/task.h"
#include "base/clock.h"
#include "json/json_index.h"
#include "relay/exchange.h"

#include <optional>
#include <string>
#include <string_view>

namespace relay {

class AccountPool;
class AccountsView;
class BlockingPool;
class BudgetWatch;
class CallQueue;
class Clock;
class ConcurrencyLeases;
class KeySnapshots;
struct ModelLists;
class PriceTable;
class RateWindow;
class Quotas;
class ResponseCache;
class Settlement;
class UpstreamConnections;

/// Sets exchange.key when the key is cached, which is the usual case and waits for nothing. unauthorized
/// for no key or a malformed one. Runs before the body is read: nobody unknown makes the relay hold 32 MB.
Result<ApiKeyHash> recognise(Exchange& exchange, KeySnapshots& snapshots);

/// Sets exchange.key from the store. unauthorized for an unknown key; unavailable when the store is away.
Task<> authenticate(Exchange& exchange, KeySnapshots& snapshots, ApiKeyHash hash);

/// What can be said before the body is known: status, expiry, permission, address. forbidden.
Result<> authorize(const Exchange& exchange, WallTime now);

/// Whether the body has a coding. unsupported_media_type for one that the relay can't look into.
Result<bool> check_encoding(const Exchange& exchange);

/// The whole body, bounded. payload_too_large, validation.
Task<> read_request(Exchange& exchange);

/// Sets exchange.plain_body from a compressed body, in the pool: a few kilobytes may be 32 MB. validation for
/// what can't be decoded, payload_too_large, unavailable when the pool is full.
Task<> decode_request(Exchange& exchange, BlockingPool& pool);

/// Sets requested_model and wants_stream. validation for a body that is not a JSON object.
Result<> look_inside(Exchange& exchange);

/// forbidden when the key may not use the model.
Result<> authorize_model(const Exchange& exchange);

/// not_found "model_not_priced" for a model that generates and has no price at all, under its own name or a
/// pattern. The one that answers may be another: that is recorded as unpriced.
Result<> check_priced(const Exchange& exchange, const PriceTable& prices);

/// forbidden when the key may not use models of exchange.account's provider.
Result<> authorize_provider(const Exchange& exchange);

/// From here on the client's leaving ends what the call waits for. May be called again.
void watch_client(Exchange& exchange);

struct AdmissionParts {  // all must outlive the call
  RateWindow& rates;
  ConcurrencyLeases& leases;
  Quotas& quotas;
  Settlement& settlement;
  BudgetWatch* watch;  // null: nobody is told of budgets
  CallQueue& queue;
  const Clock& clock;
};
/// Every limit and budget of key, user and plan: the call is under all of them, and holds what it may take,
/// or takes nothing of any. too_many_requests for a limit, payment_required for a budget. False: what nodes
/// share, or what the store knows, must be asked, which admit_asking() does; the usual case is true and waits
/// for nothing. A key without limits costs a comparison.
Result<bool> admit(Exchange& exchange, const AdmissionParts& parts);

/// Goes on where admit() said false; the same errors, and unavailable when the store is away that alone knows
/// what was used. A shared state that does not answer costs 50 ms, once; a slot that may be on its way back,
/// 40 ms. Where calls queue for slots, it waits here for its turn.
Task<> admit_asking(Exchange& exchange, AdmissionParts parts);

/// Whose accounts the key's calls go to; empty: those that are in no group.
std::string_view group_of(const Exchange& exchange);
/// Sets exchange.accounts, .candidates and, where there is a choice, .conversation. Right behind look_inside,
/// whose index it reads.
void find_candidates(Exchange& exchange, AccountsView& accounts);
/// Where the request names what only one account has, that one alone is left.
void pin_account(Exchange& exchange);

/// Sets exchange.account to the first candidate, which decides what is the same for all of them: the
/// provider, and whether the call can be translated for it; and exchange.translated. unavailable when
/// there is none for the dialect; forbidden when the key may not use models of that provider; validation for
/// what can't be translated: completions, embeddings, compacting. not_found for GET models/:id of a model
/// that the key may not use: as if it were not there.
Result<> route(Exchange& exchange, const AccountPool& accounts);

/// Whether the key or the call asks for the response cache, as far as that can be seen at a glance.
inline bool may_ask_cache(const Exchange& exchange) {
  return exchange.key->cache_ttl_seconds.has_value() || exchange.client.head().has(KnownField::x_relay_cache);
}
/// True: it was answered with what had been kept, and a record that cost nothing. Else sets
/// exchange.cached_call when the call does ask. validation for a header that is none of its words.
Task<bool> answer_from_cache(Exchange& exchange, ResponseCache& cache, Settlement& settlement,
                             BlockingPool& pool);

/// What a call is told for which there is no account.
Error no_upstream(Provider provider);

/// Bytes of a body that give way to others.
struct BodyEdit {
  std::size_t at = 0;
  std::size_t cut = 0;
  std::string put;
};

/// What a stream of Chat or Completions used stands only in a chunk that the client has to ask for. Whether
/// this is one, at an account that can be asked.
bool can_ask_for_usage(const Exchange& exchange);
/// What asks in the client's place. Nothing where `body`, whose value is `root`, asks already, or where its
/// stream_options are no object.
std::optional<BodyEdit> edit_asking_for_usage(std::string_view body, JsonValue root);

/// What an account is sent in the place of a body: all other bytes of it stay as they are.
struct EditedBody {
  std::string body;
  bool asks_for_usage = false;  // and the one that came did not
};
/// With another model, unless that is empty, and asking for usage if that is wanted. Nothing when it stays as
/// it is, or can't be read.
std::optional<EditedBody> edited_body(std::string_view body, std::string_view model, bool ask_for_usage,
                                      JsonIndex& json);

/// Makes what exchange.account is to get of the client's request: exchange.translated with its body, or
/// .own_body and .withholds_usage. A large body is edited in the pool; unavailable when that is full. May be
/// called again for another account.
Task<> prepare_request(Exchange& exchange, BlockingPool& pool);

/// Sets exchange.translated->body. validation naming the field that the other dialect has no place for. A
/// large body is translated in the pool; unavailable when that is full.
Task<> translate_request(Exchange& exchange, BlockingPool& pool);

struct AttemptLimits {
  std::chrono::milliseconds first_byte{300'000};
  std::chrono::milliseconds idle{120'000};
  std::chrono::milliseconds send{60'000};
  std::chrono::milliseconds keep_alive{0};  // of silence, then a stream's client gets a comment; 0: never
  std::chrono::milliseconds total{0};       // of one attempt, to the end of the answer; 0: no limit
  int attempts_max = 3;                     // of one call
  std::chrono::milliseconds hedge_after{
      0};  // without an answer, then a second account is asked as well; 0: never
};

/// Sends the request and reads the answer's head: sets exchange.upstream and exchange.answer. A reused
/// connection that turns out dead is replaced once. bad_gateway, gateway_timeout. An attempt that may
/// have been processed is settled before the error is returned.
Task<> attempt(Exchange& exchange, UpstreamConnections& connections, Settlement& settlement,
               const AttemptLimits& limits);

/// Passes the answer on byte by byte while the tap reads it; settles before the last bytes leave. From
/// here on no error can be answered any more. False: the answer did not end as it should have.
Awaitable<bool> stream(Exchange& exchange, UpstreamConnections& connections, Settlement& settlement,
                       const AttemptLimits& limits);

/// In the place of stream() for a translated call: the tap reads the upstream's bytes, the client gets what
/// the translation makes of them. An error, of what is no answer of the upstream's dialect, only before the
/// client has got anything.
Task<> stream_translated(Exchange& exchange, UpstreamConnections& connections, Settlement& settlement,
                         BlockingPool& pool, const AttemptLimits& limits);

/// Whether the key may use this model of the account's, as far as lists of models show.
bool may_use(const Exchange& exchange, const UpstreamAccount& account, std::string_view model);
Error model_not_found(std::string_view model);

struct ModelsParts {
  const AccountPool& accounts;
  ModelLists& lists;
  UpstreamConnections& connections;
  Settlement& settlement;
  const AttemptLimits& limits;
};
/// Whether what the client's own provider says of its models passes as it is: the key may use all of them,
/// and no other account has models for it; or the one model that is asked for is that provider's.
bool passes_models_on(const Exchange& exchange, const AccountPool& accounts);
/// In the place of attempt() and stream() for the others: what the key may use of all accounts, in the
/// caller's shape. An account that is away is left out, or stands as it was heard last. not_found;
/// bad_gateway and gateway_timeout when no account answers; validation for a page that can't be.
Task<HttpAnswer> answer_models(Exchange& exchange, const ModelsParts& parts);

/// Whether nobody but the relay can say how many tokens the request has: its model is of an account that has
/// no means to count them, or that has just said so.
bool counts_tokens_here(const Exchange& exchange);
/// An estimate, marked by x-relay-estimated. A large body is looked at in the pool; unavailable when that is
/// full.
Task<HttpAnswer> count_tokens(Exchange& exchange, BlockingPool& pool);
/// Four bytes of system, messages and tools are a token, each message is 4 more; a picture is 1,600, of other
/// files 32 bytes of Base64 are one. At most 64 MB are read, once.
std::int64_t estimated_tokens(std::string_view body, JsonIndex& json);

}  // namespace relay
