// The way of a relayed request, top to bottom.
#pragma once

#include "base/random.h"
#include "metering/journal.h"
#include "relay/key_snapshot.h"
#include "relay/model_lists.h"
#include "relay/phases.h"
#include "relay/reach_account.h"
#include "relay/responses_conversation.h"
#include "relay/settle.h"
#include "text/ip_address.h"
#include "upstream/accounts_in_force.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace relay {

/// Calls in flight over all workers, against one bound.
struct InFlight {
  std::atomic<std::size_t> count{0};
  std::size_t limit = 0;

  /// How many there may be before a call whose plan has this priority (0 to 100) is refused: the last fifth
  /// of the bound is given out by priority, in a straight line. A priority of 0 has 80 % of it, the usual 50
  /// has 90 %, 100 has all. Rounded up.
  std::size_t limit_for(std::int64_t priority) const {
    const auto share =
        80 * std::size_t{100} + 20 * static_cast<std::size_t>(std::clamp<std::int64_t>(priority, 0, 100));
    return (limit * share + 9'999) / 10'000;
  }
};

/// One per worker; on its thread.
class Pipeline {
 public:
  struct Parts {  // all must outlive the pipeline
    KeySnapshots& snapshots;
    RateWindow& rates;
    ConcurrencyLeases& leases;
    Quotas& quotas;
    CallQueues& queues;
    BudgetWatch* budget_watch = nullptr;
    const AccountsInForce& accounts;
    RetryBudget& retries;
    RestChannel& rests;
    BlockingPool& blocking_pool;
    UpstreamConnections& connections;
    const UsageJournal& journal;
    TurnJournal& turn;
    const PriceBook& prices;
    bool blocks_unknown_models = false;  // those without a price are refused
    ProviderObjects& objects;
    InFlight& in_flight;
    ResponseCache* cache = nullptr;  // null: nothing is kept
    const std::vector<IpNetwork>& trusted_proxies;
    const Clock& clock;
    Random& random;  // of this worker: identifiers are drawn for each call
    AttemptLimits limits;
    bool has_websocket = false;  // of Responses; else 426 at once
  };
  explicit Pipeline(Parts parts);

  /// Answers one request that find_operation() knows. Always answers, but to a client that is gone.
  Awaitable<void> serve(ServerExchange& client, FoundOperation operation);

 private:
  Task<> relay(Exchange& exchange);
  Task<> check_websocket(Exchange& exchange);
  Awaitable<void> serve_websocket(ServerExchange& client);
  Task<> relay_object(Exchange& exchange);
  Awaitable<void> note_end(Exchange& exchange);
  Exchange begin(ServerExchange& client, const FoundOperation& operation);
  ReachParts reach_parts();
  static Task<> send(Exchange& exchange, HttpAnswer answer);
  Task<> answer_count(Exchange& exchange);
  Task<> list_models(Exchange& exchange);
  Awaitable<void> refuse(Exchange& exchange, Error error);

  Parts parts_;
  Settlement settlement_;
  AccountsView accounts_;
  AccountSelector selector_;
  JsonIndex json_;
  ModelLists model_lists_;
  KeptBytes kept_;  // of all its WebSockets
};

}  // namespace relay
