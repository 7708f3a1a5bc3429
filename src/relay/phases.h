// The phases in the order in which they run. Each is one function in relay/<name>.cpp. A phase that has
// nothing to wait for is a plain function. Errors are for the client, in its dialect's shape.
#pragma once

#include "async/task.h"
#include "base/clock.h"
#include "relay/exchange.h"

#include <optional>
#include <string>
#include <string_view>

namespace relay {

class AccountPool;
class BlockingPool;
class ConcurrencyLeases;
class KeySnapshots;
class PriceTable;
class RateWindow;
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

/// forbidden when the key may not use models of exchange.account's provider.
Result<> authorize_provider(const Exchange& exchange);

/// too_many_requests for the rate or the concurrency limit. False: what nodes share must be asked, which
/// admit_asking() does; the usual case is true and waits for nothing.
Result<bool> admit(Exchange& exchange, RateWindow& rates, ConcurrencyLeases& leases, SteadyTime now);

/// Goes on where admit() said false; the same errors. A shared state that does not answer costs 50 ms, once;
/// a slot that may be on its way back, 40 ms.
Task<> admit_asking(Exchange& exchange, RateWindow& rates, ConcurrencyLeases& leases, SteadyTime now);

/// Sets exchange.account, and exchange.translated when that account speaks another dialect. unavailable when
/// there is none for the dialect; forbidden when the key may not use models of that provider; validation for
/// what can't be translated: counting tokens, completions, compacting.
Result<> route(Exchange& exchange, const AccountPool& accounts);

/// What a call is told for which there is no account.
Error no_upstream(Provider provider);

/// What a stream of Chat or Completions used stands only in a chunk that the client has to ask for: asks in
/// its place, and sets withholds_usage. All other bytes of the body stay as they are.
void ask_for_usage(Exchange& exchange);
/// The body that does so; nothing when it asks already, or when its stream_options are no object.
std::optional<std::string> with_usage_asked_for(std::string_view body, JsonIndex& json);

/// Sets exchange.translated->body. validation naming the field that the other dialect has no place for. A
/// large body is translated in the pool; unavailable when that is full.
Task<> translate_request(Exchange& exchange, BlockingPool& pool);

struct AttemptLimits {
  std::chrono::milliseconds first_byte{300'000};
  std::chrono::milliseconds idle{120'000};
  std::chrono::milliseconds send{60'000};
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

/// Whether this key may use every model of the dialect: then the provider's list passes as it is.
bool lists_all_models(const Exchange& exchange);
/// not_found for GET models/:id of a model that the key may not use: as if it were not there.
Result<> authorize_listed_model(const Exchange& exchange);
/// In the place of stream() for other keys: the provider's list without what the key may not use.
/// bad_gateway when it can't be read.
Task<HttpAnswer> list_models(Exchange& exchange, UpstreamConnections& connections,
                             const AttemptLimits& limits);

}  // namespace relay
