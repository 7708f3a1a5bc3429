// Limits and budgets in columns that have the same names in every table.
#pragma once

#include "domain/budget.h"
#include "domain/rate_limit.h"
#include "store/sql/sql_changes.h"

namespace relay {

void set_limits(SqlChanges& changes, const RateLimit& limits);
void set_budget(SqlChanges& changes, const Budget& budget);

}  // namespace relay
