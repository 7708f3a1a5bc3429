// The parts that have to do with accounts at the providers, for the composition root.
#pragma once

#include "app/settings.h"
#include "async/blocking_pool.h"
#include "metering/journal.h"
#include "net/tls.h"
#include "service/upstream_account_service.h"
#include "upstream/account_refresh.h"
#include "upstream/accounts_in_force.h"
#include "upstream/retry_budget.h"
#include "upstream/spend_refresh.h"

namespace relay {

/// In the order of construction. The accounts in force are those of the settings until start().
struct UpstreamParts {
  struct Shared {  // all must outlive it
    const Settings& settings;
    const TlsClient& trust;
    BlockingPool& fetch_pool;  // where a provider is asked for a trial
    UpstreamAccountStore& store;
    UsageStore& usage;
    const UsageJournal& journal;
    const SealedBox& box;
    AuditService& audit;
    Invalidation& invalidation;
    const Clock& clock;
    Random& random;
  };
  explicit UpstreamParts(const Shared& shared);

  /// Reads the store's accounts and what they spent today, and goes on doing so. What can't be read is in the
  /// log, and is read again. Behind the journal's start, which stores what the process before left in it.
  void start();
  /// Before the store stops.
  void stop() {
    spending.stop();
    refresh.stop();
  }

  AccountsInForce accounts;
  RetryBudget retries;
  AccountRefresh refresh;
  SpendRefresh spending;
  UpstreamAccountService service;
};

}  // namespace relay
