// Who, or what, used how much: sums of the roll-ups over many users.
#pragma once

#include "base/result.h"
#include "store/usage_store.h"

namespace soci {
class session;
}

namespace relay {

/// UsageStore::shares. Throws soci_error.
Result<UsageShares> usage_shares(soci::session& sql, const UsageSharesQuery& query);

}  // namespace relay
