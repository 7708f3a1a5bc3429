// Every door to one store.
#pragma once

namespace relay {

class UserStore;
class SessionStore;
class TwoFactorStore;
class IdentityStore;
class ApiKeyStore;
class PlanStore;
class SecretStore;
class UsageStore;
class PriceStore;
class ProviderObjectStore;
class UpstreamAccountStore;
class EmailTokenStore;
class KnownDeviceStore;
class NotificationStore;
class OutboxStore;
class AuditStore;
class BillingStore;
class JobLeaseStore;
class RevisionStore;
class RowStore;

class AllStores {
 public:
  virtual ~AllStores() = default;

  virtual UserStore& users() = 0;
  virtual SessionStore& sessions() = 0;
  virtual TwoFactorStore& two_factors() = 0;
  virtual IdentityStore& identities() = 0;
  virtual ApiKeyStore& keys() = 0;
  virtual PlanStore& plans() = 0;
  virtual SecretStore& secrets() = 0;
  virtual UsageStore& usage() = 0;
  virtual PriceStore& prices() = 0;
  virtual ProviderObjectStore& provider_objects() = 0;
  virtual UpstreamAccountStore& upstream_accounts() = 0;
  virtual EmailTokenStore& email_tokens() = 0;
  virtual KnownDeviceStore& devices() = 0;
  virtual NotificationStore& notifications() = 0;
  virtual OutboxStore& outbox() = 0;
  virtual AuditStore& audit() = 0;
  virtual BillingStore& billing() = 0;
  virtual JobLeaseStore& job_leases() = 0;
  virtual RevisionStore& revisions() = 0;
  virtual RowStore& rows() = 0;
};

}  // namespace relay
