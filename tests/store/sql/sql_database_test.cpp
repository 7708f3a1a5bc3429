#include "store/sql/sql_database.h"

#include "fakes/await.h"
#include "store/sql/dialect.h"
#include "store/sql/sql_statement.h"
#include "store/temporary_folder.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <thread>

namespace relay::test {
namespace sql_database_test {

class SqlDatabaseTest : public testing::Test {
 protected:
  Result<> run(SqlDatabase& database, const std::string& text) {
    return await(database.write([&text](soci::session& sql) -> Result<> {
      SqlStatement(sql).run(text);
      return {};
    }));
  }
  std::int64_t number(SqlDatabase& database, const std::string& query) {
    return await(database.read([&query](soci::session& sql) -> Result<std::int64_t> {
             std::int64_t value = -1;
             SqlStatement select(sql);
             select.into(value).select(query);
             select.fetch();
             return value;
           }))
        .value();
  }

  TemporaryFolder folder_;
  SqlDatabase database_{{.path = folder_.file("test.sqlite")}};
};

TEST_F(SqlDatabaseTest, IsForItsOwnerOnly) {
  ASSERT_TRUE(run(database_, "CREATE TABLE t (n INTEGER)").has_value());
  for (const auto* name : {"test.sqlite", "test.sqlite-wal"}) {
    struct stat status {};
    ASSERT_EQ(::stat(folder_.file(name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777, 0600U) << name;
  }
}

TEST_F(SqlDatabaseTest, SyncsEveryCommitAndChecksReferences) {
  const auto pragma = [&](const std::string& name) {
    return await(database_.administer([&name](soci::session& sql) -> Result<std::string> {
             std::string value;
             SqlStatement select(sql);
             select.into(value).select("SELECT CAST(" + name + " AS TEXT) FROM pragma_" + name);
             select.fetch();
             return value;
           }))
        .value();
  };
  EXPECT_EQ(pragma("journal_mode"), "wal");
  EXPECT_EQ(pragma("synchronous"), "2");
  EXPECT_EQ(pragma("foreign_keys"), "1");
}

TEST_F(SqlDatabaseTest, TakesBackAWriteThatFailed) {
  ASSERT_TRUE(run(database_, "CREATE TABLE t (n INTEGER)").has_value());
  const auto outcome = await(database_.write([](soci::session& sql) -> Result<> {
    SqlStatement(sql).run("INSERT INTO t VALUES (1)");
    return Error(ErrorKind::validation, "no", "no");
  }));
  EXPECT_EQ(outcome.error().code(), "no");
  EXPECT_EQ(number(database_, "SELECT COUNT(*) FROM t"), 0);
  EXPECT_TRUE(run(database_, "INSERT INTO t VALUES (1)").has_value());
  EXPECT_EQ(number(database_, "SELECT COUNT(*) FROM t"), 1);
}

TEST_F(SqlDatabaseTest, TellsTheKindsOfFailureApart) {
  ASSERT_TRUE(run(database_, "CREATE TABLE a (id INTEGER PRIMARY KEY)").has_value());
  ASSERT_TRUE(
      run(database_, "CREATE TABLE b (a INTEGER REFERENCES a (id), n INTEGER CHECK (n > 0))").has_value());
  ASSERT_TRUE(run(database_, "INSERT INTO a VALUES (1)").has_value());
  EXPECT_EQ(run(database_, "INSERT INTO a VALUES (1)").error().code(), "duplicate");
  EXPECT_EQ(run(database_, "INSERT INTO b VALUES (2, 1)").error().code(), "reference_broken");
  EXPECT_EQ(run(database_, "INSERT INTO b VALUES (1, 0)").error().kind(), ErrorKind::internal);
  EXPECT_EQ(run(database_, "INSERT INTO nowhere VALUES (1)").error().kind(), ErrorKind::internal);
}

// A store fault is a 503, never "not found".
TEST_F(SqlDatabaseTest, IsUnavailableWhileAnotherProcessHoldsTheLock) {
  SqlDatabase impatient(
      {.path = folder_.file("test.sqlite"), .wait_for_other_process = std::chrono::seconds(0)});
  ASSERT_TRUE(run(database_, "CREATE TABLE t (n INTEGER)").has_value());
  const auto outcome = await(database_.write([&](soci::session&) -> Result<> {
    const auto blocked = run(impatient, "INSERT INTO t VALUES (1)");
    EXPECT_TRUE(blocked.has_error());
    if (blocked.has_error()) {
      EXPECT_EQ(blocked.error().kind(), ErrorKind::unavailable);
      EXPECT_TRUE(blocked.error().retry_after().has_value());
    }
    EXPECT_EQ(number(impatient, "SELECT COUNT(*) FROM t"), 0);  // readers go on
    return {};
  }));
  EXPECT_TRUE(outcome.has_value());
  EXPECT_TRUE(run(impatient, "INSERT INTO t VALUES (1)").has_value());
}

TEST_F(SqlDatabaseTest, OpensANewFileFromSeveralSidesAtOnce) {
  for (int round = 0; round < 20; ++round) {
    TemporaryFolder folder;
    const auto open = [&] {
      SqlDatabase database({.path = folder.file("x.sqlite")});
      EXPECT_TRUE(run(database, "CREATE TABLE IF NOT EXISTS t (n INTEGER)").has_value());
      EXPECT_EQ(number(database, "SELECT COUNT(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'"), 1);
    };
    std::jthread one(open), two(open), three(open);
  }
}

TEST_F(SqlDatabaseTest, NamesTheFileThatItCannotOpen) {
  try {
    SqlDatabase database({.path = folder_.file("no/such/folder.sqlite")});
    FAIL() << "opened";
  } catch (const std::runtime_error& caught) {
    EXPECT_NE(std::string(caught.what()).find("no/such/folder.sqlite"), std::string::npos) << caught.what();
  }
}

TEST(SqlDialect, TakesSearchWordsByTheLetter) { EXPECT_EQ(like_pattern("50%_!"), "%50!%!_!!%"); }

}  // namespace sql_database_test
}  // namespace relay::test
