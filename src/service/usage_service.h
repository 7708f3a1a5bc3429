// What was used: which part of it is asked for, and the answer.
#pragma once

#include "base/clock.h"
#include "store/usage_store.h"

#include <cstdint>
#include <optional>
#include <string>

namespace relay {

/// Which part of the usage is asked for. Without `from` and `to`: the last 30 days.
struct UsageRange {
  std::optional<WallTime> from{};
  std::optional<WallTime> to{};
  std::optional<std::int64_t> days{};  // the last so many days, today included, by day
  UsageGranularity granularity = UsageGranularity::day;
  bool by_model = false;
};

struct UsageAnswer {
  UsageQuery query;  // as it was answered
  UsageReport report;
};

struct SharesAnswer {
  UsageSharesQuery query;
  UsageShares shares;
};

/// All calls: unavailable when the store is away; validation for a range that is empty or too long.
/// Thread-safe.
class UsageService {
 public:
  struct Parts {  // both must outlive the service
    UsageStore& usage;
    const Clock& clock;
  };

  explicit UsageService(Parts parts) : parts_(parts) {}

  /// Of one key of the user's, or (none) of all of them. At most a thousand points.
  Task<UsageAnswer> of(std::string user_id, std::optional<std::string> key_id, UsageRange range);

  /// Of everybody, dearest first, by whole days. `range.granularity` and by_model mean nothing here.
  Task<SharesAnswer> shares(UsageDimension by, std::optional<std::string> user_id, UsageRange range,
                            int limit);

 private:
  Parts parts_;
};

}  // namespace relay
