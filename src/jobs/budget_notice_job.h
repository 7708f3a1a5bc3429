// Tells people of budgets that are nearly or wholly spent.
#pragma once

#include "service/budget_watch.h"
#include "service/notification_service.h"

#include <atomic>

namespace relay {

/// On each node, of what its own calls saw; the store knows what was told already, so that each is told once.
class BudgetNoticeJob {
 public:
  /// Both must outlive it.
  BudgetNoticeJob(BudgetWatch& watch, NotificationService& notifications)
      : watch_(watch), notifications_(notifications) {}

  /// unavailable when the store is away: what is left is told of the next time. internal for what it does not
  /// take, which is told to nobody.
  Task<> run(const std::atomic<bool>& stopping);

 private:
  BudgetWatch& watch_;
  NotificationService& notifications_;
};

}  // namespace relay
