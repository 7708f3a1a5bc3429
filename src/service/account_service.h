// One's own account as a whole: what it used and owes, all that is kept about it, and its end.
#pragma once

#include "base/clock.h"
#include "coordination/invalidation.h"
#include "service/audit_service.h"
#include "service/auth_limits.h"
#include "service/password_service.h"
#include "service/usage_service.h"
#include "store/api_key_store.h"
#include "store/billing_store.h"
#include "store/identity_store.h"
#include "store/notification_store.h"
#include "store/plan_store.h"
#include "store/session_store.h"
#include "store/user_store.h"

#include <optional>
#include <string>
#include <vector>

namespace relay {

struct AccountUsage {
  User user;
  RateLimit limits;                      // the smallest of user and plan
  std::optional<WallTime> last_used_at;  // of any key
  UsageAnswer answer;
};

struct BillingSummary {
  User user;
  Plan plan;
  WallTime period_start;               // the calendar month, UTC
  WallTime period_end;                 // exclusive
  UsageReport period;                  // by day and model
  std::vector<BillingRecord> records;  // the newest
};

/// Everything that is kept about an account, but for secrets. Each list is newest first and bounded; what was
/// cut off is named in `truncated`, by its member.
struct AccountExport {
  User user;
  std::vector<ApiKey> keys;
  std::vector<Session> sessions;
  std::vector<Identity> identities;
  std::vector<Notification> notifications;
  std::vector<AuditEntry> audit;
  std::vector<BillingRecord> billing;
  UsageReport usage;                       // by day and model, of all time
  std::vector<UsageRecord> usage_records;  // before `usage_before`
  std::vector<std::string> truncated;
  WallTime made_at;
};

/// All calls: not_found "user_unknown"; unavailable when the store is away. Thread-safe.
class AccountService {
 public:
  struct Parts {  // all must outlive the service
    UserStore& users;
    ApiKeyStore& keys;
    SessionStore& sessions;
    NotificationStore& notifications;
    PlanStore& plans;
    BillingStore& billing;
    UsageStore& usage;
    IdentityStore& identities;
    UsageService& usages;
    PasswordService& passwords;
    AuthLimits& limits;
    AuditService& audit;
    Invalidation& invalidation;
    const Clock& clock;
  };

  explicit AccountService(Parts parts) : parts_(parts) {}

  /// Errors as of UsageService.
  Task<AccountUsage> usage(std::string user_id, UsageRange range);

  Task<BillingSummary> billing(std::string user_id);

  /// With the newest usage records before `usage_before` (none: now): ask again with the time of the last one
  /// for those before it.
  Task<AccountExport> export_all(Actor owner, std::optional<WallTime> usage_before);

  /// For ever: keys are revoked, sessions end at once, personal data is erased; usage stays without a name.
  /// validation without a password; unauthorized "invalid_credentials"; conflict "last_admin";
  /// too_many_requests after a few wrong passwords.
  Task<> erase(Actor owner, PasswordFields password);

 private:
  Task<std::vector<ApiKey>> keys_of(std::string user_id, std::vector<std::string>& truncated);

  Parts parts_;
};

}  // namespace relay
