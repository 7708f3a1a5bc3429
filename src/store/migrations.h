// The versions of a store: numbered files inside the binary, up and down, and which of them a store has. What
// is the same for every store; store/sql/migrations.h and store/redis/redis_migrations.h run them.
#pragma once

#include "base/clock.h"
#include "base/embedded_file.h"
#include "base/result.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

enum class MigrationState {
  applied,
  pending,
  drifted,  // applied, but the file has another checksum than the one that was applied
  unknown,  // applied by a newer binary: this one has no such file
  half,     // broken off on its way up or down: the next run goes on there
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

/// Views into the files, which live as long as the program.
struct Migration {
  std::string name;  // "accounts"
  std::string_view up;
  std::string_view down;
  std::string checksum;  // of `up`
};

/// Where a migration stands that goes statement by statement.
enum class MigrationStep { applied, applying, taking_back };

/// A row of schema_migrations.
struct AppliedMigration {
  std::string name;
  std::string checksum;
  std::int64_t applied_at_ms = 0;
  MigrationStep step = MigrationStep::applied;
  std::int64_t statements_done = 0;
  bool in_doubt = false;  // the next statement was begun, and nobody knows what became of it
};

using Migrations = std::map<int, Migration>;
using AppliedMigrations = std::map<int, AppliedMigration>;

/// The files below `folder` ("sqlite"), "NNNN_name.up.<extension>" and its ".down.", by version. internal
/// "migration_file" for another name, or one of the two without the other.
Result<Migrations> read_migrations(std::span<const EmbeddedFile> files, std::string_view folder,
                                   std::string_view extension);

MigrationStatus compare(const Migrations& migrations, const AppliedMigrations& applied);

/// conflict "migration_drift" or "schema_newer".
Result<> refuse_drift(const MigrationStatus& status);

}  // namespace relay
