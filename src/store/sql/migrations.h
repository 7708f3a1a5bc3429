// The schema's versions: numbered SQL files inside the binary, and which of them a database has.
#pragma once

#include "async/task.h"
#include "base/clock.h"
#include "base/embedded_file.h"
#include "store/migrations.h"

#include <optional>
#include <span>
#include <vector>

namespace relay {

class SqlDatabase;

/// Everything below migrations/, "sqlite/0001_accounts.up.sql" and so on.
std::span<const EmbeddedFile> embedded_migrations();

/// Brings the schema up to version `to`, or to the newest. Returns the versions it applied: none when all
/// was there. SQLite: each migration and its row in schema_migrations are one transaction under the write
/// lock, so that two processes that start at once run it once, and a kill leaves it undone or done. MySQL
/// does not undo changes of the schema: under a lock of its own for the whole run, each statement is recorded
/// when it is done, and the next run goes on at the one that was not. conflict "migration_drift" or
/// "schema_newer" (before anything is changed); unavailable when the lock does not come within a minute;
/// internal for a file that fails.
Task<std::vector<int>> migrate(SqlDatabase& database, WallTime now, std::optional<int> to = std::nullopt,
                               std::span<const EmbeddedFile> files = embedded_migrations());

/// Takes back every migration above version `to`, newest first; without it, the newest one. Returns the
/// versions that are gone. Errors as for migrate.
Task<std::vector<int>> rollback(SqlDatabase& database, std::optional<int> to = std::nullopt,
                                std::span<const EmbeddedFile> files = embedded_migrations());

/// Changes nothing, not even on an empty database.
Task<MigrationStatus> migration_status(SqlDatabase& database,
                                       std::span<const EmbeddedFile> files = embedded_migrations());

}  // namespace relay
