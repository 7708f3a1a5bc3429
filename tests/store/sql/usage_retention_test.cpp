// Usage that is past its time goes, whatever order it was stored in: a copy of a store in Redis is in the
// order of people.
#include "fakes/await.h"
#include "metering/records.h"
#include "store/mariadb_database.h"
#include "store/sql/migrations.h"
#include "store/sql/sql_usage_store.h"
#include "store/temporary_folder.h"

#include <gtest/gtest.h>

namespace relay::test {
namespace usage_retention_test {

using namespace std::chrono_literals;

// Of two keys in turn; the first of each is the youngest.
void deletes_old_rows_behind_young_ones(SqlDatabase& database) {
  const WallTime start(std::chrono::sys_days(std::chrono::year(2026) / 3 / 10));
  std::vector<UsageRecord> records;
  for (int i = 1; i <= 40; ++i) {
    auto record = a_record(i, start - i * 1h);
    record.key_id = "key_" + std::to_string(i % 2);
    records.push_back(std::move(record));
  }
  SqlUsageStore usage(database);
  ASSERT_TRUE(await(usage.append("node_1", batch_of(1, records))).has_value());
  const auto before = start - 10h;  // the last thirty began before
  std::vector<std::int64_t> gone;
  do {
    gone.push_back(await(usage.delete_oldest(before, 12)).value());
  } while (gone.back() > 0);
  EXPECT_EQ(gone, (std::vector<std::int64_t>{12, 12, 6, 0}));
  const auto left = await(usage.list_newest("usr_1", WallTime::max(), 100)).value();
  ASSERT_EQ(left.size(), 10U);
  EXPECT_EQ(left.front().attempt_id, "att_1");
  EXPECT_EQ(left.back().attempt_id, "att_10");
  EXPECT_EQ(await(usage.find_by_any_id("usr_1", "req_10")).value().size(), 1U);
  EXPECT_TRUE(await(usage.find_by_any_id("usr_1", "req_11")).value().empty());
}

TEST(UsageRetention, OfSqliteGoesByTime) {
  TemporaryFolder folder;
  SqlDatabase database(SqliteSettings{.path = folder.file("test.sqlite")});
  await(migrate(database, WallTime())).value();
  deletes_old_rows_behind_young_ones(database);
}

TEST(UsageRetention, OfMysqlGoesByTime) {
  MariadbDatabase empty;
  SqlDatabase database(empty.settings());
  deletes_old_rows_behind_young_ones(database);
}

}  // namespace usage_retention_test
}  // namespace relay::test
