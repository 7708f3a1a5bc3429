#include "store/sql/dialect.h"
#include "store/sql/migration_file.h"
#include "store/sql/mysql_dialect.h"
#include "store/sql/sql_statement.h"

#include <soci/soci.h>

#include <algorithm>
#include <array>

namespace relay {
namespace {

constexpr int kLockWaitS = 60;

// One name for each database of a server; at most 64 characters.
constexpr const char* kLockName = "CONCAT('relay_migrations_', LEFT(SHA2(DATABASE(), 256), 32))";

/// Nobody else migrates this database. Goes with the connection, so also after a kill.
class OnlyOne {
 public:
  explicit OnlyOne(soci::session& sql) : sql_(sql) {
    SqlStatement select(sql_);
    std::optional<std::int64_t> got;
    select.into(got).use(kLockWaitS).select(std::string("SELECT GET_LOCK(") + kLockName + ", :wait)");
    held_ = select.fetch() && got == 1;
  }
  ~OnlyOne() {
    if (!held_) return;
    try {
      std::optional<std::int64_t> released;
      SqlStatement select(sql_);
      select.into(released).select(std::string("SELECT RELEASE_LOCK(") + kLockName + ")");
    } catch (const std::exception&) {
      // The connection is lost, and the lock with it.
    }
  }
  OnlyOne(const OnlyOne&) = delete;
  OnlyOne& operator=(const OnlyOne&) = delete;
  bool held() const { return held_; }

 private:
  soci::session& sql_;
  bool held_ = false;
};

Error others_migrate() {
  return Error(ErrorKind::unavailable, "store_unavailable", "Another process migrates this database")
      .retry_in(std::chrono::seconds(60));
}

void make_table(const Dialect& dialect, soci::session& sql) {
  dialect.run_script(
      sql,
      "CREATE TABLE IF NOT EXISTS schema_migrations (version INT PRIMARY KEY, name VARCHAR(191) NOT NULL,"
      " checksum VARCHAR(64) NOT NULL, applied_at_ms BIGINT NOT NULL, state VARCHAR(16) NOT NULL,"
      " statements_done INT NOT NULL, in_doubt INT NOT NULL DEFAULT 0) ENGINE = InnoDB"
      " DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
}

// Its first word, behind comments.
std::string_view verb_of(std::string_view statement) {
  while (statement.starts_with("--") || statement.starts_with('\n'))
    statement.remove_prefix(std::min(statement.find('\n'), statement.size() - 1) + 1);
  return statement.substr(0, statement.find(' '));
}

// "There already" of what makes something, "not there" of what takes it away: either way up or down.
bool says_done(unsigned number, std::string_view statement, MigrationStep step) {
  constexpr std::array kThere{1050U, 1060U, 1061U, 1304U, 1359U, 1537U, 1826U, 1517U};
  constexpr std::array kNotThere{1051U, 1091U, 1305U, 1360U, 1539U, 4092U, 1146U, 1507U};
  const auto has = [number](const auto& numbers) {
    return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
  };
  const auto verb = verb_of(statement);
  if (verb == "DROP") return has(kNotThere);
  if (verb == "CREATE") return has(kThere);
  // It may add one thing and take another away; a table that is not there is no sign of having been done.
  if (verb == "ALTER" && step != MigrationStep::taking_back)
    return has(kThere) || (has(kNotThere) && number != 1146);
  return step == MigrationStep::taking_back ? has(kNotThere) : has(kThere);
}

std::string missing_privilege(unsigned number, const std::string& statement) {
  if (number != 1044 && number != 1142 && number != 1227 && number != 1370 && number != 1419) return {};
  if (statement.find("CREATE EVENT") != std::string::npos) {
    return ": the account needs the privilege EVENT on this database";
  }
  if (statement.find("PROCEDURE") != std::string::npos) {
    return ": the account needs the privileges CREATE ROUTINE and ALTER ROUTINE on this database";
  }
  return ": the account lacks a privilege on this database";
}

/// One migration, up or down.
class Steps {
 public:
  Steps(soci::session& sql, const Dialect& dialect, int version, const Migration& migration,
        MigrationStep step)
      : sql_(sql),
        dialect_(dialect),
        version_(version),
        migration_(migration),
        step_(step),
        statements_(statements_of(step == MigrationStep::taking_back ? migration.down : migration.up)) {}

  Result<> run(std::int64_t done, bool in_doubt) {
    for (auto next = static_cast<std::size_t>(done); next < statements_.size(); ++next) {
      CHECK(run_one(next, std::exchange(in_doubt, false)));
    }
    return ok;
  }

 private:
  // A change of data and its record are one transaction. One of the schema ends the transaction by itself:
  // what a kill between it and its record leaves is "in doubt", and there already when it comes again.
  Result<> run_one(std::size_t next, bool in_doubt) {
    note(static_cast<std::int64_t>(next), true);
    dialect_.run_script(sql_, "START TRANSACTION");
    try {
      dialect_.run_script(sql_, statements_[next]);
    } catch (const soci::soci_error& caught) {
      if (dialect_.fault_of(caught) == FaultKind::lost) throw;
      const auto number = mysql_error_number(caught);
      dialect_.run_script(sql_, "ROLLBACK");
      if (!in_doubt || !says_done(number, statements_[next], step_)) {
        note(static_cast<std::int64_t>(next), false);
        return failed(next, number).because(dialect_.words_of(caught));
      }
    }
    note(static_cast<std::int64_t>(next) + 1, false);
    dialect_.run_script(sql_, "COMMIT");
    return ok;
  }

  void note(std::int64_t done, bool in_doubt) {
    SqlStatement(sql_).use(done).use(in_doubt).use(version_).run(
        "UPDATE schema_migrations SET statements_done = :done, in_doubt = :doubt WHERE version = :version");
  }

  Error failed(std::size_t next, unsigned number) const {
    const bool down = step_ == MigrationStep::taking_back;
    return {ErrorKind::internal, "migration_failed",
            "Migration " + std::to_string(version_) + " (" + migration_.name + ") " + (down ? "down" : "up") +
                " failed at statement " + std::to_string(next + 1) + " of " +
                std::to_string(statements_.size()) + missing_privilege(number, statements_[next]) +
                ". Those before it stay done: mend the cause and run `claude-relay " +
                (down ? "rollback" : "migrate") + "` again, it goes on there"};
  }

  soci::session& sql_;
  const Dialect& dialect_;
  const int version_;
  const Migration& migration_;
  const MigrationStep step_;
  const std::vector<std::string> statements_;
};

Result<> apply(soci::session& sql, const Dialect& dialect, int version, const Migration& migration,
               const AppliedMigration& from, std::int64_t now_ms) {
  CHECK(Steps(sql, dialect, version, migration, MigrationStep::applying)
            .run(from.statements_done, from.in_doubt));
  SqlStatement(sql).use(now_ms).use(version).run(
      "UPDATE schema_migrations SET state = 'applied', applied_at_ms = :now WHERE version = :version");
  return ok;
}

Result<> take_back(soci::session& sql, const Dialect& dialect, int version, const Migration& migration,
                   const AppliedMigration& from) {
  CHECK(Steps(sql, dialect, version, migration, MigrationStep::taking_back)
            .run(from.statements_done, from.in_doubt));
  SqlStatement(sql).use(version).run("DELETE FROM schema_migrations WHERE version = :version");
  return ok;
}

}  // namespace

std::vector<std::string> statements_of(std::string_view script) {
  std::vector<std::string> statements(1);
  while (!script.empty()) {
    const auto end = std::min(script.find('\n'), script.size());
    const auto line = script.substr(0, end);
    if (line == "-- next") {
      statements.emplace_back();
    } else {
      statements.back().append(line).append(1, '\n');
    }
    script.remove_prefix(std::min(end + 1, script.size()));
  }
  std::erase_if(statements,
                [](const auto& text) { return text.find_first_not_of(" \n") == std::string::npos; });
  return statements;
}

Result<std::vector<int>> migrate_in_steps(soci::session& sql, const Dialect& dialect,
                                          const Migrations& migrations, int to, std::int64_t now_ms) {
  const OnlyOne lock(sql);
  if (!lock.held()) return others_migrate();
  make_table(dialect, sql);
  auto applied = read_applied(sql, dialect);
  CHECK(refuse_drift(compare(migrations, applied)));
  // A way down that was broken off is gone to its end first.
  if (!applied.empty() && applied.rbegin()->second.step == MigrationStep::taking_back) {
    const auto version = applied.rbegin()->first;
    CHECK(take_back(sql, dialect, version, migrations.at(version), applied.rbegin()->second));
    applied.erase(version);
  }
  std::vector<int> done;
  for (const auto& [version, migration] : migrations) {
    const auto found = applied.find(version);
    if (version > to || (found != applied.end() && found->second.step == MigrationStep::applied)) continue;
    AppliedMigration from{.name = migration.name, .checksum = migration.checksum};
    if (found != applied.end()) {
      from = found->second;
    } else {
      SqlStatement(sql)
          .use(version)
          .use(migration.name)
          .use(migration.checksum)
          .use(now_ms)
          .run(
              "INSERT INTO schema_migrations (version, name, checksum, applied_at_ms, state, statements_done)"
              " VALUES (:version, :name, :checksum, :now, 'applying', 0)");
    }
    CHECK(apply(sql, dialect, version, migration, from, now_ms));
    done.push_back(version);
  }
  return done;
}

Result<std::vector<int>> rollback_in_steps(soci::session& sql, const Dialect& dialect,
                                           const Migrations& migrations, std::optional<int> to) {
  const OnlyOne lock(sql);
  if (!lock.held()) return others_migrate();
  auto applied = read_applied(sql, dialect);
  CHECK(refuse_drift(compare(migrations, applied)));
  std::vector<int> done;
  while (!applied.empty() && applied.rbegin()->first > to.value_or(0)) {
    const auto version = applied.rbegin()->first;
    auto from = applied.rbegin()->second;
    if (from.step == MigrationStep::applying) {
      return Error(ErrorKind::conflict, "migration_half_done",
                   "Migration " + std::to_string(version) + " (" + from.name +
                       ") is half done: run `claude-relay migrate` to its end first");
    }
    if (from.step == MigrationStep::applied) {
      from.statements_done = 0;
      from.in_doubt = false;
      SqlStatement(sql).use(version).run(
          "UPDATE schema_migrations SET state = 'taking_back', statements_done = 0, in_doubt = 0"
          " WHERE version = :version");
    }
    CHECK(take_back(sql, dialect, version, migrations.at(version), from));
    applied.erase(version);
    done.push_back(version);
    if (!to) break;
  }
  return done;
}

}  // namespace relay
