#include "fakes/await.h"
#include "servers/mariadb_server.h"
#include "store/mariadb_database.h"
#include "store/sql/dialect.h"
#include "store/sql/migration_file.h"
#include "store/sql/migrations.h"

#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace relay::test {
namespace mysql_migrations_test {

const WallTime kNow{std::chrono::milliseconds(1'767'225'600'000)};

const EmbeddedFile kFiles[] = {
    {"mysql/0001_one.up.sql", "CREATE TABLE one (n INT);\n-- next\nINSERT INTO one VALUES (1);\n"},
    {"mysql/0001_one.down.sql", "DROP TABLE one;\n"},
    {"mysql/0002_two.up.sql",
     "UPDATE one SET n = n + 1;\n-- next\nCREATE TABLE two (n INT);\n-- next\nALTER TABLE two ADD COLUMN m "
     "INT;\n"},
    {"mysql/0002_two.down.sql", "UPDATE one SET n = n - 1;\n-- next\nDROP TABLE two;\n"},
    {"mysql/0003_three.up.sql", "CREATE TABLE three (n INT);\n"},
    {"mysql/0003_three.down.sql", "DROP TABLE three;\n"},
};

using Versions = std::vector<int>;

MysqlSettings fresh(const std::string& name) {
  SqlDatabase database(mariadb_settings("start_test"));
  run_sql(database, "DROP DATABASE IF EXISTS " + name);
  return mariadb_settings(name);
}

std::vector<std::string> schema_of(SqlDatabase& database) {
  auto all =
      sql_texts(database,
                "SELECT CONCAT_WS(' ', table_name, column_name, column_type, is_nullable, column_default,"
                " collation_name, column_key, extra) FROM information_schema.columns"
                " WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position");
  for (const auto* query :
       {"SELECT CONCAT_WS(' ', table_name, index_name, seq_in_index, column_name, non_unique) FROM"
        " information_schema.statistics WHERE table_schema = DATABASE() ORDER BY 1",
        "SELECT CONCAT_WS(' ', routine_name, routine_definition) FROM information_schema.routines WHERE"
        " routine_schema = DATABASE() ORDER BY 1",
        "SELECT event_name FROM information_schema.events WHERE event_schema = DATABASE() ORDER BY 1"}) {
    for (auto& line : sql_texts(database, query)) all.push_back(std::move(line));
  }
  return all;
}

class MysqlMigrationsTest : public testing::Test {
 protected:
  SqlDatabase database_{fresh("migrations_test")};
  std::int64_t tables() {
    return sql_number(database_,
                      "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()");
  }
};

TEST(MysqlMigrationFile, IsCutAtItsMarks) {
  EXPECT_EQ(statements_of("a;\n-- next\n-- why\nb\n;\n-- next\n\n"),
            (std::vector<std::string>{"a;\n", "-- why\nb\n;\n"}));
}

TEST_F(MysqlMigrationsTest, GoUpDownAndUpAgain) {
  EXPECT_EQ(await(migrate(database_, kNow, {}, kFiles)).value(), (Versions{1, 2, 3}));
  EXPECT_EQ(await(migrate(database_, kNow, {}, kFiles)).value(), Versions{});
  EXPECT_TRUE(await(migration_status(database_, kFiles))->is_current());
  EXPECT_EQ(await(rollback(database_, {}, kFiles)).value(), Versions{3});
  EXPECT_EQ(await(rollback(database_, 0, kFiles)).value(), (Versions{2, 1}));
  EXPECT_EQ(await(rollback(database_, {}, kFiles)).value(), Versions{});
  EXPECT_EQ(tables(), 1);  // schema_migrations
  EXPECT_EQ(await(migrate(database_, kNow, 2, kFiles)).value(), (Versions{1, 2}));
  EXPECT_EQ(sql_number(database_, "SELECT n FROM one"), 2);
}

TEST_F(MysqlMigrationsTest, OfTheProductLeaveNothingBehindOnTheWayDown) {
  const auto outcome = await(migrate(database_, kNow));
  ASSERT_TRUE(outcome.has_value()) << outcome.error().message() << outcome.error().cause();
  const auto there = schema_of(database_);
  EXPECT_GT(tables(), 20);
  const auto back = await(rollback(database_, 0));
  ASSERT_TRUE(back.has_value()) << back.error().message() << back.error().cause();
  EXPECT_EQ(tables(), 1);
  EXPECT_EQ(schema_of(database_).size(), 7U + 1U);  // the columns and the key of schema_migrations
  ASSERT_TRUE(await(migrate(database_, kNow)).has_value());
  EXPECT_EQ(schema_of(database_), there);
}

TEST_F(MysqlMigrationsTest, ShowTheirStatusAndTouchNothing) {
  const auto status = await(migration_status(database_, kFiles)).value();
  EXPECT_EQ(status.count(MigrationState::pending), 3U);
  EXPECT_EQ(tables(), 0);
}

TEST_F(MysqlMigrationsTest, RefuseAFileThatChangedAfterItWasApplied) {
  ASSERT_TRUE(await(migrate(database_, kNow, {}, kFiles)).has_value());
  std::vector<EmbeddedFile> changed(std::begin(kFiles), std::end(kFiles));
  changed[0].content = "CREATE TABLE one (m INT);";
  EXPECT_EQ(await(migrate(database_, kNow, {}, changed)).error().code(), "migration_drift");
  EXPECT_EQ(await(rollback(database_, {}, changed)).error().code(), "migration_drift");
}

TEST_F(MysqlMigrationsTest, GoOnAtTheStatementThatFailed) {
  ASSERT_TRUE(await(migrate(database_, kNow, 1, kFiles)).has_value());
  run_sql(database_, "CREATE TABLE two (other INT)");  // somebody else's: it must not count as ours
  for (int round = 0; round < 2; ++round) {
    const auto outcome = await(migrate(database_, kNow, {}, kFiles));
    ASSERT_TRUE(outcome.has_error());
    EXPECT_NE(outcome.error().message().find("Migration 2 (two) up failed at statement 2 of 3"),
              std::string::npos)
        << outcome.error().message();
    EXPECT_NE(outcome.error().cause().find("1050"), std::string::npos) << outcome.error().cause();
  }
  const auto status = await(migration_status(database_, kFiles)).value();
  EXPECT_EQ(status.lines[1].state, MigrationState::half);
  EXPECT_FALSE(status.is_current());
  EXPECT_EQ(await(rollback(database_, {}, kFiles)).error().code(), "migration_half_done");
  run_sql(database_, "DROP TABLE two");
  EXPECT_EQ(await(migrate(database_, kNow, {}, kFiles)).value(), (Versions{2, 3}));
  EXPECT_EQ(sql_number(database_, "SELECT n FROM one"), 2) << "what was done is not done again";
  EXPECT_TRUE(await(migration_status(database_, kFiles))->is_current());
}

// A kill between a change of the schema and its record: what it took away is gone when it comes again.
TEST_F(MysqlMigrationsTest, WhatWasTakenAwayAndNotRecordedIsKnownAsDone) {
  const EmbeddedFile files[] = {
      {"mysql/0001_one.up.sql",
       "CREATE TABLE one (n INT, m INT);\n-- next\nCREATE VIEW seen AS SELECT n FROM one;\n"},
      {"mysql/0001_one.down.sql", "DROP VIEW seen;\n-- next\nDROP TABLE one;\n"},
      {"mysql/0002_two.up.sql", "-- Why.\nDROP VIEW seen;\n"},
      {"mysql/0002_two.down.sql", "CREATE VIEW seen AS SELECT n FROM one;\n"},
      {"mysql/0003_three.up.sql", "ALTER TABLE one DROP COLUMN m, ADD COLUMN o INT;\n"},
      {"mysql/0003_three.down.sql", "ALTER TABLE one ADD COLUMN m INT, DROP COLUMN o;\n"},
  };
  ASSERT_EQ(await(migrate(database_, kNow, 1, files)).value(), Versions{1});
  for (const int version : {2, 3}) {
    ASSERT_EQ(await(migrate(database_, kNow, version, files)).value(), Versions{version});
    const auto where = " WHERE version = " + std::to_string(version);
    const std::string unrecorded = "UPDATE schema_migrations SET state = 'applying', statements_done = 0";
    run_sql(database_, unrecorded + ", in_doubt = 0" + where);
    EXPECT_EQ(await(migrate(database_, kNow, version, files)).error().code(), "migration_failed")
        << "nobody was killed in it: it is a fault";
    run_sql(database_, unrecorded + ", in_doubt = 1" + where);
    EXPECT_EQ(await(migrate(database_, kNow, version, files)).value(), Versions{version});
    EXPECT_TRUE(
        await(migration_status(database_, files))->lines[static_cast<std::size_t>(version) - 1].state ==
        MigrationState::applied);
  }
}

TEST_F(MysqlMigrationsTest, SayWhichPrivilegeIsMissing) {
  run_sql(database_, "CREATE OR REPLACE USER 'plain'@'%' IDENTIFIED BY 'plain'");
  run_sql(
      database_,
      "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, CREATE VIEW, SHOW VIEW,"
      " CREATE ROUTINE, ALTER ROUTINE, EXECUTE ON migrations_test.* TO 'plain'@'%'");
  auto settings = mariadb_settings("migrations_test");
  settings.user = settings.password = "plain";
  SqlDatabase plain(settings);
  const auto outcome = await(migrate(plain, kNow));
  ASSERT_TRUE(outcome.has_error());
  EXPECT_NE(outcome.error().message().find("needs the privilege EVENT"), std::string::npos)
      << outcome.error().message();
  run_sql(database_, "GRANT EVENT ON migrations_test.* TO 'plain'@'%'");
  SqlDatabase granted(settings);  // the server looks at a database's grants when a connection takes it
  const auto again = await(migrate(granted, kNow));
  EXPECT_TRUE(again.has_value()) << again.error().message() << again.error().cause();
  EXPECT_TRUE(await(migration_status(granted))->is_current());
}

TEST_F(MysqlMigrationsTest, RunOnceWhenSeveralStartAtOnce) {
  for (int round = 0; round < 3; ++round) {
    fresh("migrations_twice");
    SqlDatabase first(mariadb_settings("migrations_twice"));
    SqlDatabase second(mariadb_settings("migrations_twice"));
    std::size_t applied[2] = {0, 0};
    std::jthread other([&] { applied[1] = await(migrate(second, kNow, {}, kFiles)).value().size(); });
    applied[0] = await(migrate(first, kNow, {}, kFiles)).value().size();
    other.join();
    EXPECT_EQ(applied[0] + applied[1], 3U);
    EXPECT_EQ(sql_number(first, "SELECT n FROM one"), 2);
    EXPECT_TRUE(await(migration_status(first, kFiles))->is_current());
  }
}

constexpr const char* kPortVariable = "RELAY_TEST_MARIADB_PORT";

// Run by the test below in a process of its own, which is killed somewhere in it.
TEST(MysqlMigrationsInAnotherProcess, DISABLED_OfTheProduct) {
  const char* port = ::getenv(kPortVariable);
  ASSERT_NE(port, nullptr);
  SqlDatabase database({.port = static_cast<std::uint16_t>(std::stoi(port)),
                        .user = "relay",
                        .password = "relay",
                        .database = "migrations_killed"});
  EXPECT_TRUE(await(migrate(database, kNow)).has_value());
}

// At every few statements once.
TEST_F(MysqlMigrationsTest, AreFinishedByTheNextRunAfterAKill) {
  ASSERT_TRUE(await(migrate(database_, kNow)).has_value());
  const auto wanted = schema_of(database_);
  const auto variable = std::string(kPortVariable) + "=" + std::to_string(shared_mariadb().port());
  SqlDatabase database(fresh("migrations_killed"));
  int kills = 0;
  for (const auto tables : {1, 4, 9, 13, 16, 19, 25}) {
    const char* arguments[] = {"relay_store_tests", "--gtest_also_run_disabled_tests",
                               "--gtest_filter=MysqlMigrationsInAnotherProcess.*", nullptr};
    const char* environment[] = {variable.c_str(), nullptr};
    posix_spawn_file_actions_t quietly;
    ASSERT_EQ(::posix_spawn_file_actions_init(&quietly), 0);
    ASSERT_EQ(::posix_spawn_file_actions_addopen(&quietly, STDOUT_FILENO, "/dev/null", O_WRONLY, 0), 0);
    pid_t child = 0;
    ASSERT_EQ(::posix_spawn(&child, "/proc/self/exe", &quietly, nullptr, const_cast<char**>(arguments),
                            const_cast<char**>(environment)),
              0);
    ::posix_spawn_file_actions_destroy(&quietly);
    for (int tries = 0; tries < 4000; ++tries) {
      if (sql_number(database,
                     "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()") >=
          tables) {
        break;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    kills += WIFSIGNALED(status) ? 1 : 0;
  }
  EXPECT_GT(kills, 4);
  const auto outcome = await(migrate(database, kNow));
  ASSERT_TRUE(outcome.has_value()) << outcome.error().message() << outcome.error().cause();
  EXPECT_TRUE(await(migration_status(database))->is_current());
  EXPECT_EQ(schema_of(database), wanted);
  EXPECT_EQ(sql_number(database, "SELECT COUNT(*) FROM model_prices"),
            sql_number(database_, "SELECT COUNT(*) FROM model_prices"));
}

}  // namespace mysql_migrations_test
}  // namespace relay::test
