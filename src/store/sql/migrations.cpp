#include "store/sql/migrations.h"

#include "store/sql/dialect.h"
#include "store/sql/migration_file.h"
#include "store/sql/sql_database.h"
#include "store/sql/sql_statement.h"

#include <soci/soci.h>

namespace relay {
namespace {

constexpr int kLockWaitMs = 60'000;
constexpr int kLockWaitUsualMs = 5'000;

MigrationStep step_of(std::string_view state) {
  if (state == "applied") return MigrationStep::applied;
  return state == "taking_back" ? MigrationStep::taking_back : MigrationStep::applying;
}

}  // namespace

AppliedMigrations read_applied(soci::session& sql, const Dialect& dialect) {
  AppliedMigrations applied;
  if (!dialect.has_table(sql, "schema_migrations")) return applied;
  std::int64_t version = 0;
  AppliedMigration row;
  std::string state = "applied";
  SqlStatement select(sql);
  select.into(version).into(row.name).into(row.checksum).into(row.applied_at_ms);
  if (!dialect.undoes_schema_changes()) select.into(state).into(row.statements_done).into(row.in_doubt);
  select.select(std::string("SELECT version, name, checksum, applied_at_ms") +
                (dialect.undoes_schema_changes() ? "" : ", state, statements_done, in_doubt") +
                " FROM schema_migrations ORDER BY version");
  while (select.fetch()) {
    row.step = step_of(state);
    applied.emplace(static_cast<int>(version), row);
  }
  return applied;
}

namespace {

// A wait long enough for another process's migration, for as long as this lives.
class PatientLock {
 public:
  PatientLock(soci::session& sql, const Dialect& dialect) : sql_(sql), dialect_(dialect) {
    dialect_.set_lock_wait(sql_, kLockWaitMs);
  }
  ~PatientLock() { dialect_.set_lock_wait(sql_, kLockWaitUsualMs); }
  PatientLock(const PatientLock&) = delete;
  PatientLock& operator=(const PatientLock&) = delete;

 private:
  soci::session& sql_;
  const Dialect& dialect_;
};

void make_table(soci::session& sql) {
  sql << "CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL,"
         " checksum TEXT NOT NULL, applied_at_ms BIGINT NOT NULL)";
}

Error script_failed(int version, const std::string& name, const char* direction,
                    const soci::soci_error& caught) {
  return Error(ErrorKind::internal, "migration_failed",
               "Migration " + std::to_string(version) + " (" + name + ") " + direction +
                   " failed and was undone")
      .because(caught.get_error_message());
}

// One migration and its row; 0 when none is left. What is applied is read under the lock: another process
// may have been faster.
Result<int> apply_next(soci::session& sql, const Dialect& dialect, const Migrations& migrations, int to,
                       std::int64_t now_ms) {
  SqlDatabase::Transaction transaction(sql, dialect);
  make_table(sql);
  const auto applied = read_applied(sql, dialect);
  CHECK(refuse_drift(compare(migrations, applied)));
  for (const auto& [version, migration] : migrations) {
    if (version > to || applied.contains(version)) continue;
    try {
      dialect.run_script(sql, std::string(migration.up));
    } catch (const soci::soci_error& caught) {
      return script_failed(version, migration.name, "up", caught);
    }
    sql << "INSERT INTO schema_migrations (version, name, checksum, applied_at_ms)"
           " VALUES (:version, :name, :checksum, :now)",
        soci::use(version), soci::use(migration.name), soci::use(migration.checksum), soci::use(now_ms);
    transaction.commit();
    return version;
  }
  transaction.commit();
  return 0;
}

Result<int> take_back_last(soci::session& sql, const Dialect& dialect, const Migrations& migrations, int to) {
  SqlDatabase::Transaction transaction(sql, dialect);
  const auto applied = read_applied(sql, dialect);
  CHECK(refuse_drift(compare(migrations, applied)));
  if (applied.empty() || applied.rbegin()->first <= to) return 0;
  const int version = applied.rbegin()->first;
  const auto& migration = migrations.at(version);
  try {
    dialect.run_script(sql, std::string(migration.down));
  } catch (const soci::soci_error& caught) {
    return script_failed(version, migration.name, "down", caught);
  }
  sql << "DELETE FROM schema_migrations WHERE version = :version", soci::use(version);
  transaction.commit();
  return version;
}

}  // namespace

Task<std::vector<int>> migrate(SqlDatabase& database, WallTime now, std::optional<int> to,
                               std::span<const EmbeddedFile> files) {
  const auto now_ms = static_cast<std::int64_t>(now.time_since_epoch().count());
  return database.administer([&database, now_ms, to, files](soci::session& sql) -> Result<std::vector<int>> {
    const auto& dialect = database.dialect();
    TRY(const auto migrations, read_migrations(files, dialect.name(), "sql"));
    const int target = to.value_or(migrations.empty() ? 0 : migrations.rbegin()->first);
    if (!dialect.undoes_schema_changes()) return migrate_in_steps(sql, dialect, migrations, target, now_ms);
    const PatientLock patience(sql, dialect);
    std::vector<int> done;
    for (;;) {
      TRY(const int version, apply_next(sql, dialect, migrations, target, now_ms));
      if (version == 0) return done;
      done.push_back(version);
    }
  });
}

Task<std::vector<int>> rollback(SqlDatabase& database, std::optional<int> to,
                                std::span<const EmbeddedFile> files) {
  return database.administer([&database, to, files](soci::session& sql) -> Result<std::vector<int>> {
    const auto& dialect = database.dialect();
    TRY(const auto migrations, read_migrations(files, dialect.name(), "sql"));
    if (!dialect.undoes_schema_changes()) return rollback_in_steps(sql, dialect, migrations, to);
    const PatientLock patience(sql, dialect);
    std::vector<int> done;
    for (;;) {
      TRY(const int version, take_back_last(sql, dialect, migrations, to.value_or(0)));
      if (version == 0) return done;
      done.push_back(version);
      if (!to) return done;
    }
  });
}

Task<MigrationStatus> migration_status(SqlDatabase& database, std::span<const EmbeddedFile> files) {
  return database.read([&database, files](soci::session& sql) -> Result<MigrationStatus> {
    TRY(const auto migrations, read_migrations(files, database.dialect().name(), "sql"));
    return compare(migrations, read_applied(sql, database.dialect()));
  });
}

}  // namespace relay
