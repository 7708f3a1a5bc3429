// Who, or what, used how much: sums of the roll-ups over many users.
#pragma once

#include "base/result.h"
#include "store/usage_store.h"

namespace soci {
class session;
}

namespace relay {

class Dialect;

/// " FROM usage_daily d" as it is read for sums over everybody between two days: in full if they are many.
std::string roll_ups_between(std::int64_t first_day, std::int64_t end_day, const Dialect& dialect);

/// UsageStore::shares. Throws soci_error.
Result<UsageShares> usage_shares(soci::session& sql, const Dialect& dialect, const UsageSharesQuery& query);

}  // namespace relay
