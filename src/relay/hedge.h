// A second attempt beside one that does not answer: who answers first serves the call. Off unless
// UPSTREAM_HEDGE_AFTER is set: both providers may bill.
#pragma once

#include "relay/attempt_account.h"

namespace relay {

/// A frame of its own is for calls that may be.
inline bool may_be_hedged(const Exchange& exchange, const ReachParts& parts) {
  return parts.limits.hedge_after.count() > 0 && may_go_on(exchange, parts) &&
         exchange.operation.kind == RelayOperation::Kind::generate;
}

/// In the place of attempt_account(): when nothing has come for limits.hedge_after, the call is made at
/// another account as well, out of the retry budget and as one of limits.attempts_max. Comes back when it is
/// known whose answer it is, and the other attempt has ended: exchange.account, .hold, .upstream and .answer
/// are of the one that serves. The other one is closed and has its record: outcome unknown, error type
/// "hedged". A first attempt that fails meanwhile is answered for by the second. While the first is still
/// connecting nothing overtakes it (UPSTREAM_CONNECT_TIMEOUT).
Awaitable<Attempted> attempt_hedged(Exchange& exchange, const ReachParts& parts);

}  // namespace relay
