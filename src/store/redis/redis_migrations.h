// The versions of the Redis store: numbered Lua files inside the binary, and which of them a store has.
#pragma once

#include "async/task.h"
#include "base/clock.h"
#include "base/embedded_file.h"
#include "store/migrations.h"

#include <optional>
#include <span>
#include <vector>

namespace relay {

class RedisDatabase;

/// Everything below migrations/redis, "redis/0001_accounts.up.lua" and so on. Versions are those of the SQL
/// stores: one number is one model of the data. A file has what rows.lua offers; a .down.lua returns true as
/// long as it must be called again, so that no call is long.
std::span<const EmbeddedFile> embedded_redis_migrations();

/// Brings the store up to version `to`, or to the newest. Returns the versions it applied: none when all was
/// there. Each migration and its row in schema_migrations are one script, under a lock with an end, so that
/// two processes that start at once run it once, and a kill leaves it undone or done. A file that fails
/// half-way is not undone: files can be run again. conflict "migration_drift" or "schema_newer" (before
/// anything is changed); unavailable when the lock does not come within a minute; internal for a file that
/// fails.
Task<std::vector<int>> migrate(RedisDatabase& database, WallTime now, std::optional<int> to = std::nullopt,
                               std::span<const EmbeddedFile> files = embedded_redis_migrations());

/// Takes back every migration above version `to`, newest first; without it, the newest one. Returns the
/// versions that are gone. Errors as for migrate.
Task<std::vector<int>> rollback(RedisDatabase& database, std::optional<int> to = std::nullopt,
                                std::span<const EmbeddedFile> files = embedded_redis_migrations());

/// Changes nothing, not even on an empty store.
Task<MigrationStatus> migration_status(RedisDatabase& database,
                                       std::span<const EmbeddedFile> files = embedded_redis_migrations());

}  // namespace relay
