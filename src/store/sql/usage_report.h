// Reading usage: one row as a record, and sums over a time.
#pragma once

#include "store/usage_store.h"

#include <optional>

namespace soci {
class session;
}

namespace relay {

/// The row with this id; nothing when there is none. internal for a row that can't be ours. Throws
/// soci_error.
Result<std::optional<UsageRecord>> usage_record_of(soci::session& sql, std::int64_t row_id);

/// The rows with these ids, in this order; ids without a row are left out. Errors as for one row.
Result<std::vector<UsageRecord>> usage_records_of(soci::session& sql, const std::vector<std::int64_t>& ids);

/// Rows behind `after`, in the order in which they were stored, at most `limit`; `after` becomes the last
/// one's id. Errors as for one row.
Result<std::vector<UsageRecord>> usage_records_behind(soci::session& sql, std::int64_t& after, int limit);

/// What UsageStore::report says. Whole days come from usage_daily, the rest from usage_logs. Throws
/// soci_error.
Result<UsageReport> usage_report(soci::session& sql, const UsageQuery& query);

}  // namespace relay
