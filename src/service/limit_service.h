// How limits and budgets stand: what is used and held of each, and when it opens again.
#pragma once

#include "base/clock.h"
#include "coordination/quota.h"
#include "store/api_key_store.h"
#include "store/plan_store.h"
#include "store/user_store.h"

#include <string>
#include <vector>

namespace relay {

struct LimitStanding {
  QuotaLimit limit;
  QuotaState state;
  WallTime resets_at{};  // WallTime::max(): never
};

/// All calls: unavailable when the store is away. Thread-safe.
class LimitService {
 public:
  struct Parts {  // all must outlive the service
    ApiKeyStore& keys;
    UserStore& users;
    PlanStore& plans;
    Quotas& quotas;
    const Clock& clock;
  };
  explicit LimitService(Parts parts) : parts_(parts) {}

  /// Of one key of the user, with those of user and plan that hold for it too. not_found "api_key_unknown".
  Task<std::vector<LimitStanding>> of_key(std::string user_id, std::string key_id);
  /// Of the user, and of the plan for the user.
  Task<std::vector<LimitStanding>> of_user(std::string user_id);

 private:
  Task<std::vector<LimitStanding>> standing(KeyAccess access);

  Parts parts_;
};

}  // namespace relay
