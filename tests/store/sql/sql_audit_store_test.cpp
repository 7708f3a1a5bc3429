#include "store/sql/sql_audit_store.h"

#include "fakes/await.h"
#include "store/sql/migrations.h"
#include "store/sql/sql_database.h"
#include "store/sql/sql_statement.h"
#include "store/temporary_folder.h"

#include <gtest/gtest.h>

namespace relay::test {
namespace {

class SqlAuditStoreTest : public testing::Test {
 protected:
  SqlAuditStoreTest() {
    await(migrate(database_, WallTime())).value();
    for (const auto* id : {"aud_1", "aud_2", "aud_3"}) {
      EXPECT_TRUE(
          await(audit_.append(AuditEntry{.id = id, .user_id = "usr_1", .action = "login"})).has_value());
    }
  }

  std::optional<std::int64_t> break_after(const std::string& statement) {
    const auto done = await(database_.write([&statement](soci::session& sql) -> Result<> {
      SqlStatement(sql).run(statement);
      return {};
    }));
    EXPECT_TRUE(done.has_value());
    return await(audit_.find_break()).value();
  }

  TemporaryFolder folder_;
  SqlDatabase database_{{.path = folder_.file("test.sqlite")}};
  SqlAuditStore audit_{database_};
};

TEST_F(SqlAuditStoreTest, FindsAChangedEntry) {
  EXPECT_EQ(break_after("UPDATE audit_logs SET action = 'logout' WHERE id = 'aud_2'"), 2);
}

TEST_F(SqlAuditStoreTest, FindsAMissingEntry) {
  EXPECT_EQ(break_after("DELETE FROM audit_logs WHERE id = 'aud_2'"), 3);
}

TEST_F(SqlAuditStoreTest, FindsAWordThatMovedFromOneFieldToTheNext) {
  EXPECT_EQ(break_after("UPDATE audit_logs SET action = 'log', target = 'in' WHERE id = 'aud_1'"), 1);
}

}  // namespace
}  // namespace relay::test
