// One event loop per core, each with its own listener, connections and caches; and how they end.
#pragma once

#include "app/settings.h"
#include "metering/price_book.h"
#include "relay/pipeline.h"

#include <cstdint>
#include <memory>

namespace relay {

class AccountsInForce;
class Handover;
class Router;
class TlsClient;
class TlsServer;

class Workers {
 public:
  struct Parts {  // all must outlive the workers
    const Settings& settings;
    const TlsServer* server_tls;  // null: plain HTTP
    const TlsClient& upstream_tls;
    const Router& router;
    ApiKeyStore& keys;
    const SnapshotGeneration& generation;
    KnownKeys& known_keys;
    RateWindow& rates;
    ConcurrencyLeases& leases;
    Quotas& quotas;
    BudgetWatch& budget_watch;
    const AccountsInForce& accounts;
    RetryBudget& retries;
    RestChannel& rests;
    BlockingPool& blocking_pool;
    UsageJournal& journal;
    BlockingPool* sync_pool;  // null: JOURNAL_SYNC=off
    PriceBook& prices;
    ProviderObjects& objects;
    Handover* handover;  // null: none before it, and none follows without a gap
    const Clock& clock;
    Random& random;
  };

  explicit Workers(Parts parts);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// Gives every worker its share of the sockets that were handed over, or binds its own, all to one port.
  /// Throws std::system_error.
  void listen();
  std::uint16_t port() const;

  /// Starts the threads and serves until request_stop() or a signal; then drains.
  void run();
  /// From any thread.
  void request_stop();
  /// Ends the threads, whatever they do. Idempotent.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace relay
