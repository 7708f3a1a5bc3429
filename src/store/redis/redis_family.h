// Every store in Redis, for store/store_family.h.
#pragma once

#include "store/redis/redis_api_key_store.h"
#include "store/redis/redis_audit_store.h"
#include "store/redis/redis_billing_store.h"
#include "store/redis/redis_database.h"
#include "store/redis/redis_email_token_store.h"
#include "store/redis/redis_identity_store.h"
#include "store/redis/redis_job_lease_store.h"
#include "store/redis/redis_known_device_store.h"
#include "store/redis/redis_notification_store.h"
#include "store/redis/redis_outbox_store.h"
#include "store/redis/redis_plan_store.h"
#include "store/redis/redis_price_store.h"
#include "store/redis/redis_provider_object_store.h"
#include "store/redis/redis_revision_store.h"
#include "store/redis/redis_row_store.h"
#include "store/redis/redis_secret_store.h"
#include "store/redis/redis_session_store.h"
#include "store/redis/redis_two_factor_store.h"
#include "store/redis/redis_upstream_account_store.h"
#include "store/redis/redis_usage_store.h"
#include "store/redis/redis_user_store.h"

namespace relay {

struct RedisFamily {
  using Database = RedisDatabase;
  using Users = RedisUserStore;
  using Sessions = RedisSessionStore;
  using TwoFactors = RedisTwoFactorStore;
  using Identities = RedisIdentityStore;
  using Keys = RedisApiKeyStore;
  using Plans = RedisPlanStore;
  using Secrets = RedisSecretStore;
  using Usage = RedisUsageStore;
  using Prices = RedisPriceStore;
  using ProviderObjects = RedisProviderObjectStore;
  using UpstreamAccounts = RedisUpstreamAccountStore;
  using EmailTokens = RedisEmailTokenStore;
  using Devices = RedisKnownDeviceStore;
  using Notifications = RedisNotificationStore;
  using Outbox = RedisOutboxStore;
  using Audit = RedisAuditStore;
  using Billing = RedisBillingStore;
  using JobLeases = RedisJobLeaseStore;
  using Revisions = RedisRevisionStore;
  using Rows = RedisRowStore;
};

}  // namespace relay
