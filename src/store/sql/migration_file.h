// What runs migrations in a database, and what it has of them.
#pragma once

#include "base/result.h"
#include "store/migrations.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace soci {
class session;
}

namespace relay {

class Dialect;

/// Throws soci_error. Empty for a database without the table.
AppliedMigrations read_applied(soci::session& sql, const Dialect& dialect);

/// Versions done. For a database that does not undo changes of its schema: statement by statement, with a
/// record of each. Throws soci_error.
Result<std::vector<int>> migrate_in_steps(soci::session& sql, const Dialect& dialect,
                                          const Migrations& migrations, int to, std::int64_t now_ms);
Result<std::vector<int>> rollback_in_steps(soci::session& sql, const Dialect& dialect,
                                           const Migrations& migrations, std::optional<int> to);

/// The statements of a file: they are parted by lines that say "-- next".
std::vector<std::string> statements_of(std::string_view script);

}  // namespace relay
