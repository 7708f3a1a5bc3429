// The index of ids in Redis lies in runs of 8,192 rows: they go with their rows.
#include "fakes/await.h"
#include "metering/records.h"
#include "servers/redis_server.h"
#include "store/redis/redis_database.h"
#include "store/redis/redis_migrations.h"
#include "store/redis/redis_usage_store.h"

#include <gtest/gtest.h>

namespace relay::test {
namespace usage_runs_test {

class UsageRunsTest : public testing::Test {
 protected:
  static RedisSettings settings() {
    RedisSettings settings;
    settings.port = shared_redis().port();
    return settings;
  }
  void put(int first, int count) {
    std::vector<UsageRecord> records;
    for (int n = first; n < first + count; ++n) records.push_back(a_record(n));
    ASSERT_TRUE(await(store_.append("node_1", batch_of(first, records))).has_value());
  }
  std::size_t found(const std::string& id) { return await(store_.find_by_any_id("usr_1", id))->size(); }
  std::int64_t number(RedisCommand command) { return await(client_.run(std::move(command))).value().number; }
  std::string key(const std::string& name) const {
    return "{runs:u" + std::to_string(usage_partition_of("usr_1")) + "}:" + name;
  }
  // Parts of a run that are there, of sixteen.
  std::int64_t parts_of(int run) {
    std::int64_t parts = 0;
    for (int part = 0; part < 16; ++part) {
      parts +=
          number(RedisCommand("EXISTS").key(key("ids:" + std::to_string(run) + ":" + std::to_string(part))));
    }
    return parts;
  }

  RedisClient client_{settings()};
  RedisDatabase database_{client_, "runs"};
  RedisUsageStore store_{database_};
};

TEST_F(UsageRunsTest, GoWithTheirLastRow) {
  ASSERT_TRUE(await(migrate(database_, WallTime())).has_value());
  put(1, 9'000);
  EXPECT_EQ(parts_of(0), 16);
  EXPECT_EQ(await(store_.delete_oldest(WallTime::max(), 8'000)).value(), 8'000);
  EXPECT_EQ(parts_of(0), 16) << "some of its rows are there";
  EXPECT_EQ(found("req_8000"), 0U);
  EXPECT_EQ(found("req_8001"), 1U);
  EXPECT_EQ(await(store_.delete_oldest(WallTime::max(), 300)).value(), 300);
  EXPECT_EQ(parts_of(0), 0);
  EXPECT_EQ(parts_of(1), 16);
  EXPECT_EQ(found("msg_018300"), 0U);
  EXPECT_EQ(found("msg_018301"), 1U);

  // To the last one, and then on.
  EXPECT_EQ(await(store_.delete_oldest(WallTime::max(), 10'000)).value(), 700);
  EXPECT_EQ(number(RedisCommand("XLEN").key(key("logs"))), 0);
  EXPECT_EQ(number(RedisCommand("EXISTS").key(key("attempts"))), 0);
  EXPECT_EQ(number(RedisCommand("EXISTS").key(key("rows_of:usr_1\x1fkey_1"))), 0);
  put(9'001, 1);
  EXPECT_EQ(found("att_9001"), 1U);
  EXPECT_EQ(found("req_0119001"), 1U);
}

}  // namespace usage_runs_test
}  // namespace relay::test
