// The sums that usage_daily keeps, and what they are of the rows of usage_logs.
#pragma once

#include "store/sql/sql_statement.h"
#include "store/usage_store.h"

#include <string>
#include <vector>

namespace relay {

/// The columns of usage_daily that are sums. All that follows keeps their order: requests first, the cost
/// last.
const std::vector<std::string>& usage_sum_columns();
/// "SUM(requests), …" of rows of usage_daily.
const std::string& sums_of_days();
/// "COUNT(*), …" of rows of usage_logs. What the relay's cache answered counts as a request, and has no
/// tokens.
const std::string& sums_of_rows();
void into_totals(SqlStatement& select, UsageTotals& totals);
void use_totals(SqlStatement& insert, const UsageTotals& totals);

/// "input_tokens, …" as the view usage_entries has them, and into_usage() reads them.
const std::string& usage_count_columns();
void into_usage(SqlStatement& select, Usage& usage);
/// "<of>input_tokens + …": all tokens of a row of usage_daily.
std::string total_tokens_of(const std::string& table);

}  // namespace relay
