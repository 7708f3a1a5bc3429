-- More limits and budgets of keys, users and plans, and plans.priority: columns that may be missing. No row changes.
return false
