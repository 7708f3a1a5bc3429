// The stores of this installation, opened as the settings say. Commands and the server share it.
#pragma once

#include "app/settings.h"
#include "async/task.h"
#include "base/clock.h"
#include "store/migrations.h"

#include <memory>
#include <optional>
#include <vector>

namespace relay {

class ApiKeyStore;
class EmailTokenStore;
class IdentityStore;
class KnownDeviceStore;
class NotificationStore;
class OutboxStore;
class AuditStore;
class BillingStore;
class JobLeaseStore;
class RevisionStore;
class PlanStore;
class PriceStore;
class RowStore;
class SecretStore;
class SessionStore;
class TwoFactorStore;
class UsageStore;
class UserStore;

/// Every door, behind which only this class knows what stands.
class Stores {
 public:
  virtual ~Stores() = default;

  virtual UserStore& users() = 0;
  virtual SessionStore& sessions() = 0;
  virtual TwoFactorStore& two_factors() = 0;
  virtual IdentityStore& identities() = 0;
  virtual ApiKeyStore& keys() = 0;
  virtual PlanStore& plans() = 0;
  virtual SecretStore& secrets() = 0;
  virtual UsageStore& usage() = 0;
  virtual PriceStore& prices() = 0;
  virtual EmailTokenStore& email_tokens() = 0;
  virtual KnownDeviceStore& devices() = 0;
  virtual NotificationStore& notifications() = 0;
  virtual OutboxStore& outbox() = 0;
  virtual AuditStore& audit() = 0;
  virtual BillingStore& billing() = 0;
  virtual JobLeaseStore& job_leases() = 0;
  virtual RevisionStore& revisions() = 0;
  virtual RowStore& rows() = 0;

  virtual Task<std::vector<int>> migrate(WallTime now, std::optional<int> to) = 0;
  virtual Task<std::vector<int>> rollback(std::optional<int> to) = 0;
  virtual Task<MigrationStatus> status() = 0;

  /// Waits for what runs; later calls are unavailable. Before the io_contexts that wait on it go.
  virtual void stop() = 0;
};

/// Opens the store; does not migrate it. Throws std::runtime_error with words for the operator.
std::unique_ptr<Stores> open_stores(const Settings& settings);

}  // namespace relay
