#include "app/shared_state.h"

#include "app/redis_settings.h"
#include "app/run_task.h"
#include "coordination/memory/memory_leases.h"
#include "coordination/memory/memory_nonce_store.h"
#include "coordination/memory/memory_quotas.h"
#include "coordination/memory/memory_rate_window.h"
#include "coordination/memory/memory_throttle.h"
#include "coordination/memory/memory_ticket_store.h"
#include "coordination/redis/redis_invalidation.h"
#include "coordination/redis/redis_leases.h"
#include "coordination/redis/redis_nonce_store.h"
#include "coordination/redis/redis_quotas.h"
#include "coordination/redis/redis_rate_window.h"
#include "coordination/redis/redis_rest_channel.h"
#include "coordination/redis/redis_throttle.h"
#include "coordination/redis/redis_ticket_store.h"
#include "coordination/store/store_invalidation.h"
#include "domain/identifier.h"

namespace relay {
namespace {

class OfThisNode final : public SharedState {
 public:
  OfThisNode(RevisionStore& revisions, QuotaHistory& history, const Clock& clock)
      : quotas_(history), invalidation_(revisions), nonces_(clock), throttle_(clock), tickets_(clock) {}

  RateWindow& rates() override { return rates_; }
  ConcurrencyLeases& leases() override { return leases_; }
  Quotas& quotas() override { return quotas_; }
  Invalidation& invalidation() override { return invalidation_; }
  NonceStore& nonces() override { return nonces_; }
  Throttle& throttle() override { return throttle_; }
  TicketStore& tickets() override { return tickets_; }
  RestChannel& rests() override { return rests_; }
  void start() override { invalidation_.start(); }
  void stop() override { invalidation_.stop(); }

 private:
  MemoryRateWindow rates_;
  MemoryLeases leases_;
  MemoryQuotas quotas_;
  StoreInvalidation invalidation_;
  MemoryNonceStore nonces_;
  MemoryThrottle throttle_;
  MemoryTicketStore tickets_;
  NoRestChannel rests_;
};

class OverRedis final : public SharedState {
 public:
  OverRedis(const Settings& settings, QuotaHistory& history, const Clock& clock, Random& random)
      : client_(redis_settings(settings)),
        link_(client_, clock,
              {.prefix = settings.redis_prefix, .node_id = make_identifier("nod_", clock.now(), random)}),
        rates_(link_, clock),
        leases_(link_, clock),
        quotas_(link_, history, clock),
        invalidation_(link_),
        nonces_(client_, settings.redis_prefix),
        throttle_(client_, settings.redis_prefix),
        tickets_(client_, settings.redis_prefix),
        rests_(link_) {}
  ~OverRedis() override { OverRedis::stop(); }

  RateWindow& rates() override { return rates_; }
  ConcurrencyLeases& leases() override { return leases_; }
  Quotas& quotas() override { return quotas_; }
  Invalidation& invalidation() override { return invalidation_; }
  NonceStore& nonces() override { return nonces_; }
  Throttle& throttle() override { return throttle_; }
  TicketStore& tickets() override { return tickets_; }
  RestChannel& rests() override { return rests_; }
  void start() override {
    link_.start();
    invalidation_.start();
    rests_.start();
  }
  void stop() override {
    quotas_.flush(std::chrono::milliseconds(1'000));
    link_.stop();
    client_.stop();
  }

 private:
  RedisClient client_;
  NodeLink link_;
  RedisRateWindow rates_;
  RedisLeases leases_;
  RedisQuotas quotas_;
  RedisInvalidation invalidation_;
  RedisNonceStore nonces_;
  RedisThrottle throttle_;
  RedisTicketStore tickets_;
  RedisRestChannel rests_;
};

}  // namespace

std::unique_ptr<SharedState> open_shared_state(const Settings& settings, RevisionStore& revisions,
                                               QuotaHistory& history, const Clock& clock, Random& random) {
  if (settings.redis_url.empty()) return std::make_unique<OfThisNode>(revisions, history, clock);
  return std::make_unique<OverRedis>(settings, history, clock, random);
}

Result<> tell_servers(const Settings& settings, RevisionStore& revisions) {
  const auto bumped = run_task(revisions.bump());
  if (bumped.has_error()) return bumped.error();
  if (settings.redis_url.empty()) return ok;
  RedisClient client(redis_settings(settings));
  auto told = run_task(RedisInvalidation::tell_anything(client, settings.redis_prefix));
  client.stop();
  return told;
}

}  // namespace relay
