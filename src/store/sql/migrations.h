// The schema's versions: numbered SQL files inside the binary, and which of them a database has.
#pragma once

#include "async/task.h"
#include "base/clock.h"
#include "base/embedded_file.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace relay {

class SqlDatabase;

/// Everything below migrations/, "sqlite/0001_accounts.up.sql" and so on.
std::span<const EmbeddedFile> embedded_migrations();

enum class MigrationState {
  applied,
  pending,
  drifted,  // applied, but the file has another checksum than the one that was applied
  unknown,  // applied by a newer binary: this one has no such file
};

struct MigrationLine {
  int version = 0;
  std::string name{};  // "accounts"
  MigrationState state = MigrationState::pending;
  std::optional<WallTime> applied_at{};
};

struct MigrationStatus {
  int version = 0;                     // the highest applied; 0 for an empty database
  std::vector<MigrationLine> lines{};  // by version
  std::size_t count(MigrationState state) const;
  /// Nothing pending, nothing drifted, nothing unknown.
  bool is_current() const;
};

/// Brings the schema up to version `to`, or to the newest. Returns the versions it applied: none when all
/// was there. Each migration and its row in schema_migrations are one transaction under the write lock, so
/// that two processes that start at once run it once, and a kill leaves it undone or done.
/// conflict "migration_drift" or "schema_newer" (before anything is changed); unavailable when the lock
/// does not come within a minute; internal for a file that fails.
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
