// The one look-up of the relay: key, user and plan in one row.
#pragma once

#include "base/result.h"
#include "domain/key_access.h"

#include <string>

namespace soci {
class session;
}

namespace relay {

/// By a condition on k (api_keys) with one `:value`; `by_old_secret` when it names the retiring hash.
/// not_found "api_key_unknown"; internal for a broken row. Throws soci_error.
Result<KeyAccess> select_key_access(soci::session& sql, const std::string& condition,
                                    const std::string& value, bool by_old_secret);

}  // namespace relay
