// The place of budget reservations in the interface. Nothing uses it yet: the rules of budgets come with a
// later piece of work, and with them the implementations.
#pragma once

#include "async/task.h"
#include "base/clock.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace relay {

/// One budget that a call must fit into: what was spent in its window and what is held for calls that run may
/// not pass `limit_nano_usd`.
struct BudgetWindow {
  std::string name;  // of the window in its subject: "day:2026-11-26" in the budget's own zone
  std::int64_t limit_nano_usd = 0;
  WallTime ends_at;  // the shared state forgets it some time after
};

/// What is held for one call until it is settled.
struct BudgetHold {
  std::string id;
  WallTime expires_at;
};

/// Money that is held before a call and settled after it, so that of N calls at one time with room for one
/// exactly one passes. Shared by all nodes; the sums in it are a copy of what the store's records add up to,
/// and are made anew from them when they are gone.
///
/// All calls: unavailable when the shared state is away. Thread-safe; a call resumes on the io_context it was
/// made from.
class BudgetReservations {
 public:
  virtual ~BudgetReservations() = default;

  /// Holds `upper_estimate_nano_usd` in every window of `subject` (a key or a user) or in none.
  /// payment_required "budget_spent", with Retry-After up to the end of the window that is full. The hold is
  /// gone after `lifetime` unless it is settled or renewed: a node that dies leaves nothing held.
  virtual Task<BudgetHold> reserve(std::string subject, std::vector<BudgetWindow> windows,
                                   std::int64_t upper_estimate_nano_usd,
                                   std::chrono::milliseconds lifetime) = 0;

  /// While a stream runs longer than its hold lasts. not_found when it has expired.
  virtual Task<> renew(std::string hold_id, std::chrono::milliseconds lifetime) = 0;

  /// Puts `cost_nano_usd` in the place of the hold: 0 gives it back. Counted in the windows that were
  /// reserved, whenever it comes; idempotent by the hold's id, and right for one that has expired, whose cost
  /// was real.
  virtual Task<> settle(std::string hold_id, std::int64_t cost_nano_usd) = 0;
};

}  // namespace relay
