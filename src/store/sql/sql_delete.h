// Deleting a batch of old rows.
#pragma once

#include "base/clock.h"

#include <cstdint>
#include <string>

namespace soci {
class session;
}

namespace relay {

/// Deletes the rows of `table` whose ids `query` finds; it has :before and :limit, in this order. MySQL has
/// no LIMIT in a subquery of DELETE: the ids are read first. Returns how many. Throws soci_error.
std::int64_t delete_found(soci::session& sql, const std::string& table, const std::string& query,
                          WallTime before, int limit);

}  // namespace relay
