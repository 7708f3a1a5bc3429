#include "metering/quota_history.h"

namespace relay {

Task<QuotaSums> StoredQuotaHistory::sums(std::string user_id, std::string key_id, WallTime from) {
  UsageQuery query{.user_id = std::move(user_id),
                   .from = from,
                   .to = clock_.now() + std::chrono::hours(1),  // another node's clock may be ahead
                   .granularity = UsageGranularity::month,
                   .with_latency = false};
  if (!key_id.empty()) query.key_id = std::move(key_id);
  CO_TRY(const auto report, co_await usage_.report(std::move(query)));
  co_return QuotaSums{.requests = report.totals.requests,
                      .tokens = limited_tokens(report.totals.usage),
                      .nano_usd = report.totals.charge_nano_usd};
}

}  // namespace relay
