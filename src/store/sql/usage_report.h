// Reading usage: one row as a record, and sums over a time.
#pragma once

#include "store/usage_store.h"

#include <cstdint>
#include <vector>

namespace soci {
class session;
}

namespace relay {

/// The rows with these ids, in this order; ids without a row are left out. internal for a row
/// that can't be ours. Throws soci_error.
Result<std::vector<UsageRecord>> usage_records_of(soci::session& sql, const std::vector<std::int64_t>& ids);

/// Rows behind `after`, in the order in which they were stored, at most `limit`; `after` becomes the last
/// one's id. Errors as there.
Result<std::vector<UsageRecord>> usage_records_behind(soci::session& sql, std::int64_t& after, int limit);

/// What UsageStore::report says. Whole days come from usage_daily, the rest from usage_logs. Throws
/// soci_error.
Result<UsageReport> usage_report(soci::session& sql, const UsageQuery& query);

}  // namespace relay
