// Looks ahead for people: keys that expire soon, limits of the plan that are nearly used.
#pragma once

#include "base/clock.h"
#include "service/notification_service.h"
#include "store/api_key_store.h"
#include "store/plan_store.h"
#include "store/usage_store.h"
#include "store/user_store.h"

#include <atomic>
#include <string>

namespace relay {

/// Each thing is told once, whichever node finds it first.
class NoticeJob {
 public:
  struct Parts {  // all must outlive it
    ApiKeyStore& keys;
    UsageStore& usage;
    UserStore& users;
    PlanStore& plans;
    NotificationService& notifications;
    const Clock& clock;
  };
  explicit NoticeJob(Parts parts) : parts_(parts) {}

  /// Keys that expire within 7 days.
  Task<> look_at_keys(const std::atomic<bool>& stopping);

  /// Requests of the day (UTC) and tokens of the month, at 80 and at 100 per cent of the user's limit.
  Task<> look_at_limits(const std::atomic<bool>& stopping);

 private:
  Task<> look_at_limit(UserUsage used, bool monthly, WallTime resets_at);

  const Parts parts_;
};

}  // namespace relay
