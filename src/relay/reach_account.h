// One attempt after another, until an account answers: failover before the first byte of content.
#pragma once

#include "relay/phases.h"

#include <cstdint>

namespace relay {

class AccountSelector;
class CallQueue;
class RestChannel;
class RetryBudget;

struct ReachParts {
  AccountSelector& selector;
  CallQueue& queue;
  RetryBudget& retries;
  RestChannel& rests;
  UpstreamConnections& connections;
  Settlement& settlement;
  BlockingPool& pool;
  const Clock& clock;
  Random& random;
  const AttemptLimits& limits;
};

enum class Reached : std::uint8_t {
  answer,        // exchange.upstream and .answer stand for stream(): well or not, it is what the client gets
  counted_here,  // nobody but the relay can answer (counts_tokens_here)
  answered,      // with what a provider had said before
};

/// Chooses an account (exchange.account, .hold), prepares the request for it and makes the attempt; one that
/// fails is made again at another account, at most limits.attempts_max in all and within the retry budget.
/// What fails: no connection, no answer's head within the first-byte deadline, a broken answer, 401, 402,
/// 403, 429 and 5xx, a 400 that says that the account has no credit, a stream whose first event is such an
/// error. What each attempt shows is told to its
/// account, and a rest that begins with it to the other nodes. Each attempt that reached a provider is
/// settled. When all fail the client gets the answer of the last that gave one. When all rest, and there is
/// more than one: what a provider said when it went to rest, or unavailable, with Retry-After; nothing is
/// sent. overloaded when every account has as many calls as it takes, after a wait where calls queue;
/// unavailable when all have spent their day.
Task<Reached> reach_account(Exchange& exchange, const ReachParts& parts);

/// Chooses for a call that is made once: what files and batches are about. exchange.candidates are set; the
/// same errors, but that no kept answer is given.
Result<> choose_account(Exchange& exchange, const ReachParts& parts);

}  // namespace relay
