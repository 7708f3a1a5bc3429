#include "store/redis_maker.h"

#include "fakes/await.h"
#include "servers/redis_server.h"
#include "store/redis/redis_api_key_store.h"
#include "store/redis/redis_audit_store.h"
#include "store/redis/redis_billing_store.h"
#include "store/redis/redis_database.h"
#include "store/redis/redis_email_token_store.h"
#include "store/redis/redis_identity_store.h"
#include "store/redis/redis_job_lease_store.h"
#include "store/redis/redis_known_device_store.h"
#include "store/redis/redis_migrations.h"
#include "store/redis/redis_notification_store.h"
#include "store/redis/redis_outbox_store.h"
#include "store/redis/redis_plan_store.h"
#include "store/redis/redis_price_store.h"
#include "store/redis/redis_revision_store.h"
#include "store/redis/redis_row_store.h"
#include "store/redis/redis_secret_store.h"
#include "store/redis/redis_session_store.h"
#include "store/redis/redis_two_factor_store.h"
#include "store/redis/redis_usage_store.h"
#include "store/redis/redis_user_store.h"

#include <atomic>

namespace relay::test {
namespace {

RedisClient& client_of_server() {
  static RedisClient client(parse_redis_url(shared_redis().url()).value());
  return client;
}

RedisClient& client_of_cluster() {
  static RedisCluster cluster;
  static RedisClient client(parse_redis_url(cluster.node(0).url()).value());
  return client;
}

std::string a_prefix() {
  static std::atomic<int> made = 0;
  return "store_" + std::to_string(++made);
}

class RedisStore final : public StoreUnderTest {
 public:
  explicit RedisStore(RedisClient& client) : database_(client, a_prefix()) {
    await(migrate(database_, WallTime())).value();
  }

  UserStore& users() override { return users_; }
  SessionStore& sessions() override { return sessions_; }
  TwoFactorStore& two_factors() override { return two_factors_; }
  IdentityStore& identities() override { return identities_; }
  ApiKeyStore& api_keys() override { return api_keys_; }
  PlanStore& plans() override { return plans_; }
  SecretStore& secrets() override { return secrets_; }
  EmailTokenStore& email_tokens() override { return email_tokens_; }
  NotificationStore& notifications() override { return notifications_; }
  KnownDeviceStore& devices() override { return devices_; }
  OutboxStore& outbox() override { return outbox_; }
  AuditStore& audit() override { return audit_; }
  BillingStore& billing() override { return billing_; }
  JobLeaseStore& job_leases() override { return job_leases_; }
  RevisionStore& revisions() override { return revisions_; }
  UsageStore& usage() override { return usage_; }
  PriceStore& prices() override { return prices_; }
  RowStore& rows() override { return rows_; }

 private:
  RedisDatabase database_;
  RedisUserStore users_{database_};
  RedisSessionStore sessions_{database_};
  RedisTwoFactorStore two_factors_{database_};
  RedisIdentityStore identities_{database_};
  RedisApiKeyStore api_keys_{database_};
  RedisPlanStore plans_{database_};
  RedisSecretStore secrets_{database_};
  RedisEmailTokenStore email_tokens_{database_};
  RedisKnownDeviceStore devices_{database_};
  RedisJobLeaseStore job_leases_{database_};
  RedisPriceStore prices_{database_};
  RedisRowStore rows_{database_};
  RedisNotificationStore notifications_{database_};
  RedisOutboxStore outbox_{database_};
  RedisAuditStore audit_{database_, AuditChain({kAuditSecret})};
  RedisBillingStore billing_{database_};
  RedisUsageStore usage_{database_};
  RedisRevisionStore revisions_{database_};
};

}  // namespace

StoreMaker redis_maker() {
  return {"redis", []() -> std::unique_ptr<StoreUnderTest> {
            return std::make_unique<RedisStore>(client_of_server());
          }};
}

StoreMaker redis_cluster_maker() {
  return {"redis_cluster", []() -> std::unique_ptr<StoreUnderTest> {
            return std::make_unique<RedisStore>(client_of_cluster());
          }};
}

}  // namespace relay::test
