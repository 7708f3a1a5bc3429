#include "app/stores.h"

#include "app/redis_stores.h"
#include "store/sql/migrations.h"
#include "store/sql/sql_api_key_store.h"
#include "store/sql/sql_audit_store.h"
#include "store/sql/sql_billing_store.h"
#include "store/sql/sql_database.h"
#include "store/sql/sql_email_token_store.h"
#include "store/sql/sql_identity_store.h"
#include "store/sql/sql_job_lease_store.h"
#include "store/sql/sql_known_device_store.h"
#include "store/sql/sql_notification_store.h"
#include "store/sql/sql_outbox_store.h"
#include "store/sql/sql_plan_store.h"
#include "store/sql/sql_price_store.h"
#include "store/sql/sql_revision_store.h"
#include "store/sql/sql_row_store.h"
#include "store/sql/sql_secret_store.h"
#include "store/sql/sql_session_store.h"
#include "store/sql/sql_two_factor_store.h"
#include "store/sql/sql_usage_store.h"
#include "store/sql/sql_user_store.h"

#include <stdexcept>

namespace relay {
namespace {

class SqlStores final : public Stores {
 public:
  template <class DatabaseSettings>
  SqlStores(DatabaseSettings settings, AuditChain chain)
      : database_(std::move(settings)),
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
  ~SqlStores() override { database_.stop(); }

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
  void stop() override { database_.stop(); }

 private:
  SqlDatabase database_;
  SqlUserStore users_;
  SqlSessionStore sessions_;
  SqlTwoFactorStore two_factors_;
  SqlIdentityStore identities_;
  SqlApiKeyStore keys_;
  SqlPlanStore plans_;
  SqlSecretStore secrets_;
  SqlUsageStore usage_;
  SqlPriceStore prices_;
  SqlEmailTokenStore email_tokens_;
  SqlKnownDeviceStore devices_;
  SqlNotificationStore notifications_;
  SqlOutboxStore outbox_;
  SqlAuditStore audit_;
  SqlBillingStore billing_;
  SqlJobLeaseStore job_leases_;
  SqlRevisionStore revisions_;
  SqlRowStore rows_;
};

SqliteSettings sqlite_settings(const Settings& settings) {
  SqliteSettings sqlite;
  sqlite.path = settings.database_path();
  return sqlite;
}

MysqlSettings mysql_settings(const Settings& settings) {
  MysqlSettings mysql;
  mysql.host = settings.mysql_host;
  mysql.port = settings.mysql_port;
  mysql.user = settings.mysql_user;
  mysql.password = settings.mysql_password;
  mysql.database = settings.mysql_database;
  mysql.ca_file = settings.mysql_ssl_ca;
  mysql.connections = settings.mysql_connections;
  return mysql;
}

}  // namespace

std::unique_ptr<Stores> open_stores(const Settings& settings) {
  AuditChain chain(settings.encryption_keys);
  switch (settings.database_type) {
    case DatabaseType::sqlite:
      return std::make_unique<SqlStores>(sqlite_settings(settings), std::move(chain));
    case DatabaseType::mysql:
      return std::make_unique<SqlStores>(mysql_settings(settings), std::move(chain));
    case DatabaseType::redis:
      break;
  }
  return open_redis_stores(settings);
}

}  // namespace relay
