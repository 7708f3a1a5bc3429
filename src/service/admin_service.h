// What administrators do to people, keys and plans. There is no acting as somebody else.
#pragma once

#include "base/clock.h"
#include "coordination/invalidation.h"
#include "delivery/outbox.h"
#include "service/audit_service.h"
#include "service/session_service.h"
#include "store/api_key_store.h"
#include "store/plan_store.h"
#include "store/two_factor_store.h"
#include "store/user_store.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace relay {

/// The fields that are set are changed, the others stay.
struct AdminUserChanges {
  std::optional<UserStatus> status{};  // never deleted: that is erase()
  std::optional<UserRole> role{};
  std::optional<std::string> plan{};
  std::optional<RateLimit> limits{};
  std::optional<Budget> budget{};
};

/// All calls: `admin` is somebody whose role was checked; unavailable when the store is away. Each change is
/// in force on this node when its call returns, on others within a second, and in the audit trail.
/// Thread-safe.
class AdminService {
 public:
  struct Parts {  // all must outlive the service
    UserStore& users;
    ApiKeyStore& keys;
    PlanStore& plans;
    TwoFactorStore& two_factors;
    SessionService& sessions;
    Outbox& outbox;
    AuditService& audit;
    Invalidation& invalidation;
    const Clock& clock;
  };

  explicit AdminService(Parts parts) : parts_(parts) {}

  // People. Each: not_found "user_unknown".
  Task<Page<User>> list_users(UserFilter filter, PageRequest page);
  Task<User> find_user(std::string user_id);
  /// conflict "own_account" for one's own status or role, "last_admin", "user_deleted"; validation on `plan`.
  /// Who is suspended or inactive is refused at once, relayed calls and sessions.
  Task<User> update_user(Actor admin, std::string user_id, AdminUserChanges changes);
  Task<> revoke_sessions(Actor admin, std::string user_id);
  /// The password is dead and every session ends; the link to set a new one goes to the person by mail.
  Task<User> force_password_reset(Actor admin, std::string user_id);
  /// For who has lost the app and the recovery codes: the password is enough again, and every session ends.
  Task<User> turn_off_two_factor(Actor admin, std::string user_id);
  /// As UserStore::erase. conflict "own_account", "last_admin".
  Task<> erase_user(Actor admin, std::string user_id);

  // Anybody's keys. Each: not_found "api_key_unknown"; conflict "api_key_revoked".
  Task<Page<ApiKey>> list_keys(ApiKeyFilter filter, PageRequest page);
  Task<ApiKey> find_key(std::string key_id);
  /// `active` and `account_group` of the changes; the others are the owner's.
  Task<ApiKey> update_key(Actor admin, std::string key_id, ApiKeyChanges changes);
  Task<> revoke_key(Actor admin, std::string key_id);

  Task<std::vector<Plan>> list_plans();
  /// not_found "plan_unknown".
  Task<Plan> find_plan(std::string plan_id);
  /// Adds it, or replaces the one with the same id.
  Task<Plan> put_plan(Actor admin, Plan plan);

 private:
  Task<> note(std::string_view action, Actor admin, std::string user_id, std::string target,
              AuditDetails details);

  Parts parts_;
};

}  // namespace relay
