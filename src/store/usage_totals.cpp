#include "store/usage_store.h"

namespace relay {

UsageTotals UsageTotals::of(const RecordFigures& figures) {
  return {.requests = 1,
          .errors = figures.outcome == AttemptOutcome::completed ? 0 : 1,
          .unpriced_requests = figures.priced ? 0 : 1,
          .cached_requests = figures.cached ? 1 : 0,
          .usage = figures.billed_usage(),
          .cost_nano_usd = figures.cost_nano_usd,
          .charge_nano_usd = figures.charge_nano_usd};
}

void UsageTotals::add(const UsageTotals& part) {
  requests += part.requests;
  errors += part.errors;
  unpriced_requests += part.unpriced_requests;
  cached_requests += part.cached_requests;
  for (const auto& count : kUsageCounts) usage.*count.of += part.usage.*count.of;
  cost_nano_usd += part.cost_nano_usd;
  charge_nano_usd += part.charge_nano_usd;
}

}  // namespace relay
