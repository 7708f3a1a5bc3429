// One attempt at one account, from the request to what its answer begins with, and what it says of the
// account. For reach_account.cpp and hedge.cpp only.
#pragma once

#include "relay/exchange.h"
#include "relay/reach_account.h"
#include "upstream/rest_rules.h"

#include <memory>
#include <optional>

namespace relay {

/// What one attempt has come to.
struct Attempted {
  std::optional<Error> error;  // no answer's head, or no first event
  AttemptSign sign;
  std::shared_ptr<const KeptFailure> answer;  // of a provider that refused; null where nobody asks for it
  bool is_reported = false;
};

/// Whether another attempt is allowed behind the one that is being made, as far as their number goes.
bool may_go_on(const Exchange& exchange, const ReachParts& parts);

/// Makes the attempt at exchange.account, within its time limit. Where there is a choice of accounts the
/// answer's beginning is held back until it is known whether it is an error.
Awaitable<Attempted> attempt_account(Exchange& exchange, const ReachParts& parts);

/// Tells the account, and the other nodes where a rest begins with it. Once.
void report(Exchange& exchange, Attempted& attempted, const ReachParts& parts);

/// An answer that the client does not get has its record all the same.
void settle_unheard(Exchange& exchange, UpstreamConnections& connections, Settlement& settlement);

}  // namespace relay
