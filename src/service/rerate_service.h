// Stored usage, priced again by the price table of today.
#pragma once

#include "async/task.h"
#include "base/clock.h"
#include "metering/cost_differences.h"
#include "store/job_lease_store.h"
#include "store/price_store.h"
#include "store/usage_store.h"

#include <cstdint>
#include <string>

namespace relay {

struct RerateOutcome {
  CostDifferences differences;
  std::int64_t changed = 0;  // rows that have another cost now
};

/// Page by page, beside servers that write. All calls: the store's errors. Not thread-safe.
class RerateService {
 public:
  struct Parts {  // all must outlive the service
    PriceStore& prices;
    UsageStore& usage;
    JobLeaseStore& leases;
    const Clock& clock;
  };

  /// `holder`: a random word of this process.
  RerateService(Parts parts, std::string holder) : parts_(parts), holder_(std::move(holder)) {}

  /// Changes nothing.
  Task<RerateOutcome> compare(RerateScope scope);

  /// Changes the cost of rows and the roll-ups of their days; what was charged stays. A page is changed whole
  /// or not at all: what is cut off is finished by the next one, and after one that passed the next changes
  /// nothing. conflict "rerate_running": another one has the lease; it is held for two minutes by one that
  /// died.
  Task<RerateOutcome> apply(RerateScope scope);

 private:
  Task<> hold();
  Task<RerateOutcome> walk(RerateScope scope, bool changing);

  const Parts parts_;
  const std::string holder_;
};

}  // namespace relay
