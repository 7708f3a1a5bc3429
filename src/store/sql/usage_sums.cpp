#include "store/sql/usage_sums.h"

namespace relay {

void into_usage(SqlStatement& select, Usage& usage) {
  select.into(usage.input_tokens).into(usage.cache_write_5m_tokens).into(usage.cache_write_1h_tokens);
  select.into(usage.cache_read_tokens).into(usage.output_tokens).into(usage.reasoning_tokens);
  select.into(usage.web_search_requests).into(usage.web_fetch_requests);
}

void add(UsageTotals& sum, const UsageTotals& part) {
  sum.requests += part.requests;
  sum.errors += part.errors;
  sum.usage.input_tokens += part.usage.input_tokens;
  sum.usage.cache_write_5m_tokens += part.usage.cache_write_5m_tokens;
  sum.usage.cache_write_1h_tokens += part.usage.cache_write_1h_tokens;
  sum.usage.cache_read_tokens += part.usage.cache_read_tokens;
  sum.usage.output_tokens += part.usage.output_tokens;
  sum.usage.reasoning_tokens += part.usage.reasoning_tokens;
  sum.usage.web_search_requests += part.usage.web_search_requests;
  sum.usage.web_fetch_requests += part.usage.web_fetch_requests;
  sum.cost_nano_usd += part.cost_nano_usd;
}

}  // namespace relay
