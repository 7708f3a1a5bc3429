// Every store in SQLite and MySQL, for store/store_family.h.
#pragma once

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
#include "store/sql/sql_provider_object_store.h"
#include "store/sql/sql_revision_store.h"
#include "store/sql/sql_row_store.h"
#include "store/sql/sql_secret_store.h"
#include "store/sql/sql_session_store.h"
#include "store/sql/sql_two_factor_store.h"
#include "store/sql/sql_upstream_account_store.h"
#include "store/sql/sql_usage_store.h"
#include "store/sql/sql_user_store.h"

namespace relay {

struct SqlFamily {
  using Database = SqlDatabase;
  using Users = SqlUserStore;
  using Sessions = SqlSessionStore;
  using TwoFactors = SqlTwoFactorStore;
  using Identities = SqlIdentityStore;
  using Keys = SqlApiKeyStore;
  using Plans = SqlPlanStore;
  using Secrets = SqlSecretStore;
  using Usage = SqlUsageStore;
  using Prices = SqlPriceStore;
  using ProviderObjects = SqlProviderObjectStore;
  using UpstreamAccounts = SqlUpstreamAccountStore;
  using EmailTokens = SqlEmailTokenStore;
  using Devices = SqlKnownDeviceStore;
  using Notifications = SqlNotificationStore;
  using Outbox = SqlOutboxStore;
  using Audit = SqlAuditStore;
  using Billing = SqlBillingStore;
  using JobLeases = SqlJobLeaseStore;
  using Revisions = SqlRevisionStore;
  using Rows = SqlRowStore;
};

}  // namespace relay
