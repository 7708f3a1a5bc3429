// The classes behind every door of one kind of store, made together.
#pragma once

#include "store/all_stores.h"
#include "store/audit_store.h"

#include <utility>

namespace relay {

/// `Family` names the kind's database and its classes (store/sql/sql_family.h, store/redis/redis_family.h);
/// `Doors` is AllStores, or a class with those doors and more. The database must outlive it.
template <class Family, class Doors = AllStores>
class StoreFamily : public Doors {
 public:
  StoreFamily(typename Family::Database& database, AuditChain chain)
      : users_(database),
        sessions_(database),
        two_factors_(database),
        identities_(database),
        keys_(database),
        plans_(database),
        secrets_(database),
        usage_(database),
        prices_(database),
        provider_objects_(database),
        upstream_accounts_(database),
        email_tokens_(database),
        devices_(database),
        notifications_(database),
        outbox_(database),
        audit_(database, std::move(chain)),
        billing_(database),
        job_leases_(database),
        revisions_(database),
        rows_(database) {}

  UserStore& users() override { return users_; }
  SessionStore& sessions() override { return sessions_; }
  TwoFactorStore& two_factors() override { return two_factors_; }
  IdentityStore& identities() override { return identities_; }
  ApiKeyStore& keys() override { return keys_; }
  PlanStore& plans() override { return plans_; }
  SecretStore& secrets() override { return secrets_; }
  UsageStore& usage() override { return usage_; }
  PriceStore& prices() override { return prices_; }
  ProviderObjectStore& provider_objects() override { return provider_objects_; }
  UpstreamAccountStore& upstream_accounts() override { return upstream_accounts_; }
  EmailTokenStore& email_tokens() override { return email_tokens_; }
  KnownDeviceStore& devices() override { return devices_; }
  NotificationStore& notifications() override { return notifications_; }
  OutboxStore& outbox() override { return outbox_; }
  AuditStore& audit() override { return audit_; }
  BillingStore& billing() override { return billing_; }
  JobLeaseStore& job_leases() override { return job_leases_; }
  RevisionStore& revisions() override { return revisions_; }
  RowStore& rows() override { return rows_; }

 private:
  typename Family::Users users_;
  typename Family::Sessions sessions_;
  typename Family::TwoFactors two_factors_;
  typename Family::Identities identities_;
  typename Family::Keys keys_;
  typename Family::Plans plans_;
  typename Family::Secrets secrets_;
  typename Family::Usage usage_;
  typename Family::Prices prices_;
  typename Family::ProviderObjects provider_objects_;
  typename Family::UpstreamAccounts upstream_accounts_;
  typename Family::EmailTokens email_tokens_;
  typename Family::Devices devices_;
  typename Family::Notifications notifications_;
  typename Family::Outbox outbox_;
  typename Family::Audit audit_;
  typename Family::Billing billing_;
  typename Family::JobLeases job_leases_;
  typename Family::Revisions revisions_;
  typename Family::Rows rows_;
};

}  // namespace relay
