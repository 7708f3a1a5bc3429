// The columns that usage_daily and usage_logs have alike, and their sums.
#pragma once

#include "store/sql/sql_statement.h"
#include "store/usage_store.h"

namespace relay {

/// In the order of into_usage(), and the cost behind them.
inline constexpr const char* kTokenSums =
    "SUM(input_tokens), SUM(cache_write_5m_tokens), SUM(cache_write_1h_tokens), SUM(cache_read_tokens),"
    " SUM(output_tokens), SUM(reasoning_tokens), SUM(web_search_requests), SUM(web_fetch_requests),"
    " SUM(cost_nano_usd)";

void into_usage(SqlStatement& select, Usage& usage);

void add(UsageTotals& sum, const UsageTotals& part);

}  // namespace relay
