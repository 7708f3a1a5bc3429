// Inserting usage_logs rows fast: SQLite reads a batch straight from memory, as if it were a table.
#pragma once

#include "store/sql/usage_rows.h"

#include <vector>

namespace soci {
class session;
}

namespace relay {

/// Inserts all of `rows` whose attempt_id is not there yet, and takes the others out of `rows`. Their ids are
/// new. Inside a transaction; throws soci_error.
///
/// One INSERT ... SELECT from a virtual table over `rows` (sqlite.org/vtab.html), on SQLite's own interface.
/// CPU per row of 30 columns, commit included, 5,000 a transaction, g++ -O2: through SOCI's statement,
/// prepared once, 4.0 us; through sqlite3_bind and sqlite3_step 3.4 us; this 2.3 us.
void insert_sqlite_usage_rows(soci::session& sql, std::vector<UsageRow>& rows);

}  // namespace relay
