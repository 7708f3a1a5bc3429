#include "app/redis_stores.h"

#include "app/redis_settings.h"
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

namespace relay {
namespace {

class RedisStores final : public Stores {
 public:
  RedisStores(RedisSettings settings, const std::string& prefix, AuditChain chain)
      : client_(std::move(settings)),
        database_(client_, prefix),
        users_(database_),
        sessions_(database_),
        two_factors_(database_),
        identities_(database_),
        keys_(database_),
        plans_(database_),
        secrets_(database_),
        usage_(database_),
        prices_(database_),
        email_tokens_(database_),
        devices_(database_),
        notifications_(database_),
        outbox_(database_),
        audit_(database_, std::move(chain)),
        billing_(database_),
        job_leases_(database_),
        revisions_(database_),
        rows_(database_) {}
  ~RedisStores() override { client_.stop(); }

  UserStore& users() override { return users_; }
  SessionStore& sessions() override { return sessions_; }
  TwoFactorStore& two_factors() override { return two_factors_; }
  IdentityStore& identities() override { return identities_; }
  ApiKeyStore& keys() override { return keys_; }
  PlanStore& plans() override { return plans_; }
  SecretStore& secrets() override { return secrets_; }
  UsageStore& usage() override { return usage_; }
  PriceStore& prices() override { return prices_; }
  EmailTokenStore& email_tokens() override { return email_tokens_; }
  KnownDeviceStore& devices() override { return devices_; }
  NotificationStore& notifications() override { return notifications_; }
  OutboxStore& outbox() override { return outbox_; }
  AuditStore& audit() override { return audit_; }
  BillingStore& billing() override { return billing_; }
  JobLeaseStore& job_leases() override { return job_leases_; }
  RevisionStore& revisions() override { return revisions_; }
  RowStore& rows() override { return rows_; }

  Task<std::vector<int>> migrate(WallTime now, std::optional<int> to) override {
    return relay::migrate(database_, now, to);
  }
  Task<std::vector<int>> rollback(std::optional<int> to) override { return relay::rollback(database_, to); }
  Task<MigrationStatus> status() override { return migration_status(database_); }
  void stop() override { client_.stop(); }

 private:
  RedisClient client_;
  RedisDatabase database_;
  RedisUserStore users_;
  RedisSessionStore sessions_;
  RedisTwoFactorStore two_factors_;
  RedisIdentityStore identities_;
  RedisApiKeyStore keys_;
  RedisPlanStore plans_;
  RedisSecretStore secrets_;
  RedisUsageStore usage_;
  RedisPriceStore prices_;
  RedisEmailTokenStore email_tokens_;
  RedisKnownDeviceStore devices_;
  RedisNotificationStore notifications_;
  RedisOutboxStore outbox_;
  RedisAuditStore audit_;
  RedisBillingStore billing_;
  RedisJobLeaseStore job_leases_;
  RedisRevisionStore revisions_;
  RedisRowStore rows_;
};

}  // namespace

std::unique_ptr<Stores> open_redis_stores(const Settings& settings) {
  return std::make_unique<RedisStores>(redis_settings(settings), settings.redis_prefix,
                                       AuditChain(settings.encryption_keys));
}

}  // namespace relay
