#include "store/sql/migrations.h"

#include "fakes/await.h"
#include "store/sql/sql_database.h"
#include "store/sql/sql_statement.h"
#include "store/temporary_folder.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

namespace relay::test {
namespace migrations_test {

const WallTime kNow{std::chrono::milliseconds(1'767'225'600'000)};

// Three small migrations; the second counts how often it ran.
const EmbeddedFile kFiles[] = {
    {"sqlite/0001_one.up.sql", "CREATE TABLE one (n INTEGER); INSERT INTO one VALUES (1);"},
    {"sqlite/0001_one.down.sql", "DROP TABLE one;"},
    {"sqlite/0002_two.up.sql", "UPDATE one SET n = n + 1; CREATE TABLE two (n INTEGER);"},
    {"sqlite/0002_two.down.sql", "UPDATE one SET n = n - 1; DROP TABLE two;"},
    {"sqlite/0003_three.up.sql", "CREATE TABLE three (n INTEGER);"},
    {"sqlite/0003_three.down.sql", "DROP TABLE three;"},
};

class MigrationsTest : public testing::Test {
 protected:
  std::int64_t number(const std::string& query) {
    return await(database_.read([&query](soci::session& sql) -> Result<std::int64_t> {
             std::int64_t value = -1;
             SqlStatement select(sql);
             select.into(value).select(query);
             select.fetch();
             return value;
           }))
        .value();
  }
  std::int64_t tables() {
    return number("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
  }
  std::string schema() {
    return await(database_.read([](soci::session& sql) -> Result<std::string> {
             std::string line, all;
             SqlStatement select(sql);
             select.into(line).select("SELECT name || COALESCE(sql, '') FROM sqlite_master ORDER BY name");
             while (select.fetch()) all += line + "\n";
             return all;
           }))
        .value();
  }

  TemporaryFolder folder_;
  SqlDatabase database_{{.path = folder_.file("test.sqlite")}};
};

using Versions = std::vector<int>;

TEST_F(MigrationsTest, GoUpDownAndUpAgain) {
  EXPECT_EQ(await(migrate(database_, kNow, {}, kFiles)).value(), (Versions{1, 2, 3}));
  EXPECT_EQ(await(migrate(database_, kNow, {}, kFiles)).value(), Versions{});
  EXPECT_EQ(await(rollback(database_, {}, kFiles)).value(), Versions{3});
  EXPECT_EQ(await(rollback(database_, 0, kFiles)).value(), (Versions{2, 1}));
  EXPECT_EQ(await(rollback(database_, {}, kFiles)).value(), Versions{});
  EXPECT_EQ(tables(), 1);  // schema_migrations
  EXPECT_EQ(await(migrate(database_, kNow, 2, kFiles)).value(), (Versions{1, 2}));
  EXPECT_EQ(number("SELECT n FROM one"), 2);
  EXPECT_EQ(tables(), 3);
}

TEST_F(MigrationsTest, OfTheProductLeaveNothingBehindOnTheWayDown) {
  ASSERT_TRUE(await(migrate(database_, kNow)).has_value());
  const auto there = schema();
  EXPECT_GT(tables(), 12);
  ASSERT_TRUE(await(rollback(database_, 0)).has_value());
  EXPECT_EQ(tables(), 1);
  EXPECT_EQ(number("SELECT COUNT(*) FROM sqlite_master WHERE type = 'view'"), 0);
  ASSERT_TRUE(await(migrate(database_, kNow)).has_value());
  EXPECT_EQ(schema(), there);
}

TEST_F(MigrationsTest, ShowTheirStatusAndTouchNothing) {
  auto status = await(migration_status(database_, kFiles)).value();
  EXPECT_EQ(status.version, 0);
  EXPECT_EQ(status.count(MigrationState::pending), 3U);
  EXPECT_FALSE(status.is_current());
  EXPECT_EQ(tables(), 0);

  ASSERT_TRUE(await(migrate(database_, kNow, 2, kFiles)).has_value());
  status = await(migration_status(database_, kFiles)).value();
  EXPECT_EQ(status.version, 2);
  ASSERT_EQ(status.lines.size(), 3U);
  EXPECT_EQ(status.lines[0].name, "one");
  EXPECT_EQ(status.lines[0].state, MigrationState::applied);
  EXPECT_EQ(status.lines[0].applied_at, kNow);
  EXPECT_EQ(status.lines[2].state, MigrationState::pending);
  ASSERT_TRUE(await(migrate(database_, kNow, {}, kFiles)).has_value());
  EXPECT_TRUE(await(migration_status(database_, kFiles))->is_current());
}

TEST_F(MigrationsTest, RefuseAFileThatChangedAfterItWasApplied) {
  ASSERT_TRUE(await(migrate(database_, kNow, 2, kFiles)).has_value());
  std::vector<EmbeddedFile> changed(std::begin(kFiles), std::end(kFiles));
  changed[0].content = "CREATE TABLE one (n INTEGER, extra INTEGER);";
  const auto outcome = await(migrate(database_, kNow, {}, changed));
  ASSERT_TRUE(outcome.has_error());
  EXPECT_EQ(outcome.error().code(), "migration_drift");
  EXPECT_NE(outcome.error().message().find("1 (one)"), std::string::npos);
  EXPECT_EQ(tables(), 3);
  EXPECT_EQ(await(rollback(database_, {}, changed)).error().code(), "migration_drift");
  EXPECT_EQ(await(migration_status(database_, changed))->count(MigrationState::drifted), 1U);
}

TEST_F(MigrationsTest, RefuseTheDatabaseOfANewerProgram) {
  ASSERT_TRUE(await(migrate(database_, kNow, {}, kFiles)).has_value());
  const auto older = std::span(kFiles).first(4);
  EXPECT_EQ(await(migrate(database_, kNow, {}, older)).error().code(), "schema_newer");
  EXPECT_EQ(await(migration_status(database_, older))->count(MigrationState::unknown), 1U);
}

TEST_F(MigrationsTest, UndoOneThatFailsHalfWayAndGoOnFromThere) {
  std::vector<EmbeddedFile> broken(std::begin(kFiles), std::end(kFiles));
  broken[2].content =
      "UPDATE one SET n = n + 1; CREATE TABLE two (n INTEGER); INSERT INTO nowhere VALUES (1);";
  const auto outcome = await(migrate(database_, kNow, {}, broken));
  ASSERT_TRUE(outcome.has_error());
  EXPECT_EQ(outcome.error().code(), "migration_failed");
  EXPECT_NE(outcome.error().cause().find("nowhere"), std::string::npos);
  EXPECT_EQ(number("SELECT n FROM one"), 1);
  EXPECT_EQ(tables(), 2);
  EXPECT_EQ(await(migrate(database_, kNow, {}, kFiles)).value(), (Versions{2, 3}));
  EXPECT_EQ(number("SELECT n FROM one"), 2);
}

TEST_F(MigrationsTest, RefuseFilesThatAreNotNamedRightOrHaveNoDown) {
  const EmbeddedFile bad_name[] = {{"sqlite/1_one.up.sql", "SELECT 1"}};
  const EmbeddedFile no_down[] = {{"sqlite/0001_one.up.sql", "SELECT 1"}};
  EXPECT_EQ(await(migrate(database_, kNow, {}, bad_name)).error().code(), "migration_file");
  EXPECT_EQ(await(migrate(database_, kNow, {}, no_down)).error().code(), "migration_file");
}

TEST_F(MigrationsTest, RunOnceWhenTwoConnectionsStartAtOnce) {
  for (int round = 0; round < 5; ++round) {
    TemporaryFolder folder;
    SqlDatabase first({.path = folder.file("x.sqlite")});
    SqlDatabase second({.path = folder.file("x.sqlite")});
    std::size_t applied[2] = {0, 0};
    std::jthread other([&] { applied[1] = await(migrate(second, kNow, {}, kFiles)).value().size(); });
    applied[0] = await(migrate(first, kNow, {}, kFiles)).value().size();
    other.join();
    EXPECT_EQ(applied[0] + applied[1], 3U);
    EXPECT_TRUE(await(migration_status(first, kFiles))->is_current());
  }
}

constexpr const char* kPathVariable = "RELAY_TEST_DATABASE";

// Run by the test below in a process of its own, which never comes to the end of its second migration.
TEST(MigrationsInAnotherProcess, DISABLED_GoOnForEver) {
  const char* path = ::getenv(kPathVariable);
  ASSERT_NE(path, nullptr);
  std::vector<EmbeddedFile> endless(std::begin(kFiles), std::end(kFiles));
  endless[2].content =
      "UPDATE one SET n = n + 1; CREATE TABLE two AS"
      " WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) AS n FROM c;";
  SqlDatabase database({.path = path});
  EXPECT_TRUE(await(migrate(database, kNow, {}, endless)).has_value());
}

TEST_F(MigrationsTest, AreFinishedByTheNextRunAfterAKill) {
  const auto path = folder_.file("killed.sqlite");
  const auto variable = std::string(kPathVariable) + "=" + path;
  const char* arguments[] = {"relay_tests", "--gtest_also_run_disabled_tests",
                             "--gtest_filter=MigrationsInAnotherProcess.*", nullptr};
  const char* environment[] = {variable.c_str(), nullptr};
  posix_spawn_file_actions_t quietly;
  ASSERT_EQ(::posix_spawn_file_actions_init(&quietly), 0);
  ASSERT_EQ(::posix_spawn_file_actions_addopen(&quietly, STDOUT_FILENO, "/dev/null", O_WRONLY, 0), 0);
  pid_t child = 0;
  ASSERT_EQ(::posix_spawn(&child, "/proc/self/exe", &quietly, nullptr, const_cast<char**>(arguments),
                          const_cast<char**>(environment)),
            0);
  ::posix_spawn_file_actions_destroy(&quietly);
  SqlDatabase database({.path = path});
  const auto version = [&] { return await(migration_status(database, kFiles)).value().version; };
  for (int tries = 0; tries < 500 && version() < 1; ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(version(), 1);
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(await(migrate(database, kNow, {}, kFiles)).value(), (Versions{2, 3}));
}

}  // namespace migrations_test
}  // namespace relay::test
