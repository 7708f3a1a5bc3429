// Which limits and budgets a key has at a moment, and in which windows.
#pragma once

#include "coordination/quota.h"
#include "domain/key_access.h"

namespace relay {

/// The limits of tokens and days, and the budgets, that `access` has at `now`: the windows are those of the
/// user's own clock, but the month of a plan's tokens, which is UTC. Of user and plan the stricter limit
/// holds, since both count the same calls; budgets each hold by themselves. No amounts. `access` must outlive
/// it.
QuotaCall quotas_of(const KeyAccess& access, WallTime now);

/// "daily", of a budget.
std::string_view period_of(QuotaKind kind);

}  // namespace relay
