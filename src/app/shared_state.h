// What nodes share, as the settings say: over Redis where REDIS_URL is set, else in this process's memory
// with the store's revision row for the news of other nodes and of commands.
#pragma once

#include "app/settings.h"
#include "base/clock.h"
#include "base/random.h"
#include "coordination/invalidation.h"
#include "coordination/lease.h"
#include "coordination/nonce_store.h"
#include "coordination/quota.h"
#include "coordination/rate_window.h"
#include "coordination/rest_channel.h"
#include "coordination/throttle.h"
#include "coordination/ticket_store.h"
#include "store/revision_store.h"

#include <memory>

namespace relay {

/// Every door, behind which only this class knows what stands.
class SharedState {
 public:
  virtual ~SharedState() = default;

  virtual RateWindow& rates() = 0;
  virtual ConcurrencyLeases& leases() = 0;
  virtual Quotas& quotas() = 0;
  virtual Invalidation& invalidation() = 0;
  virtual NonceStore& nonces() = 0;
  virtual Throttle& throttle() = 0;
  virtual TicketStore& tickets() = 0;
  virtual RestChannel& rests() = 0;

  /// After all have subscribed to the invalidation: begins to hear from other nodes.
  virtual void start() = 0;
  /// After the workers, before the store stops and the io_contexts go.
  virtual void stop() = 0;
};

/// All must outlive it. Throws std::runtime_error with words for the operator; a Redis that is away is no
/// error.
std::unique_ptr<SharedState> open_shared_state(const Settings& settings, RevisionStore& revisions,
                                               QuotaHistory& history, const Clock& clock, Random& random);

/// For a command that has changed what servers may hold in memory: they look again, within a second.
/// unavailable: they do by themselves, within 10 s.
Result<> tell_servers(const Settings& settings, RevisionStore& revisions);

}  // namespace relay
