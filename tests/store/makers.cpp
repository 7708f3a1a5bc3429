#include "fakes/await.h"
#include "store/redis_maker.h"
#include "store/mariadb_database.h"
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
#include "store/store_under_test.h"
#include "store/temporary_folder.h"

namespace relay::test {
namespace {

class SqlStore : public StoreUnderTest {
 public:
  explicit SqlStore(SqlDatabase& database) : database_(database) {}

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
  SqlDatabase& database_;
  SqlUserStore users_{database_};
  SqlSessionStore sessions_{database_};
  SqlTwoFactorStore two_factors_{database_};
  SqlIdentityStore identities_{database_};
  SqlApiKeyStore api_keys_{database_};
  SqlPlanStore plans_{database_};
  SqlSecretStore secrets_{database_};
  SqlEmailTokenStore email_tokens_{database_};
  SqlNotificationStore notifications_{database_};
  SqlKnownDeviceStore devices_{database_};
  SqlOutboxStore outbox_{database_};
  SqlAuditStore audit_{database_, AuditChain({kAuditSecret})};
  SqlBillingStore billing_{database_};
  SqlJobLeaseStore job_leases_{database_};
  SqlRevisionStore revisions_{database_};
  SqlUsageStore usage_{database_};
  SqlPriceStore prices_{database_};
  SqlRowStore rows_{database_};
};

// The database is a base, so that it is there before the stores and goes after them.
struct SqliteHome {
  TemporaryFolder folder;
  SqlDatabase database{SqliteSettings{.path = folder.file("test.sqlite")}};
};
struct SqliteStore final : private SqliteHome, public SqlStore {
  SqliteStore() : SqlStore(database) { await(migrate(database, WallTime())).value(); }
};

struct MariadbHome {
  MariadbDatabase empty;
  SqlDatabase database{empty.settings()};
};
struct MariadbStore final : private MariadbHome, public SqlStore {
  MariadbStore() : SqlStore(database) {}
};

}  // namespace

std::vector<StoreMaker> store_makers() {
  return {{"sqlite", []() -> std::unique_ptr<StoreUnderTest> { return std::make_unique<SqliteStore>(); }},
          {"mariadb", []() -> std::unique_ptr<StoreUnderTest> { return std::make_unique<MariadbStore>(); }},
          redis_maker(),
          redis_cluster_maker()};
}

}  // namespace relay::test
