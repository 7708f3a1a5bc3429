#include "store/redis/redis_migrations.h"

#include "fakes/await.h"
#include "servers/redis_server.h"
#include "store/redis/redis_database.h"
#include "store/redis/redis_plan_store.h"
#include "store/redis/redis_price_store.h"
#include "store/store_under_test.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace relay::test {
namespace redis_migrations_test {

const WallTime kNow{std::chrono::milliseconds(1'767'225'600'000)};

// The second counts how often it ran; the first has more rows than one call takes away.
const EmbeddedFile kFiles[] = {
    {"redis/0001_one.up.lua",
     "for i = 1, 2500 do upsert('job_leases', {job = 'job_' .. i, holder = '', lease_until_ms = '0'}) end"},
    {"redis/0001_one.down.lua", "return empty('job_leases')"},
    {"redis/0002_two.up.lua", "call('INCR', base .. 'two')"},
    {"redis/0002_two.down.lua", "call('DEL', base .. 'two')"},
    {"redis/0003_three.up.lua", "-- nothing"},
    {"redis/0003_three.down.lua", "-- nothing"},
};

class RedisMigrationsTest : public testing::Test {
 protected:
  static std::string a_prefix() {
    static int number = 0;
    return "migrations_" + std::to_string(++number);
  }
  RedisReply run(RedisCommand command) { return await(client_.run(std::move(command))).value(); }
  /// But for what says which migrations are applied.
  std::size_t keys() {
    std::size_t found = 0;
    for (const auto& key : run(RedisCommand("KEYS").arg(database_.tag() + ":*")).items) {
      found += key.text.find(":schema_migrations") == std::string::npos &&
                       key.text.find(":migrating") == std::string::npos
                   ? 1
                   : 0;
    }
    return found;
  }
  std::string two() { return run(RedisCommand("GET").key(database_.tag() + ":two")).text; }

  RedisClient client_{parse_redis_url(shared_redis().url()).value()};
  RedisDatabase database_{client_, a_prefix()};
};

using Versions = std::vector<int>;

TEST_F(RedisMigrationsTest, GoUpDownAndUpAgain) {
  EXPECT_EQ(await(migrate(database_, kNow, {}, kFiles)).value(), (Versions{1, 2, 3}));
  EXPECT_EQ(await(migrate(database_, kNow, {}, kFiles)).value(), Versions{});
  EXPECT_EQ(await(rollback(database_, {}, kFiles)).value(), Versions{3});
  EXPECT_EQ(await(rollback(database_, 0, kFiles)).value(), (Versions{2, 1}));
  EXPECT_EQ(await(rollback(database_, {}, kFiles)).value(), Versions{});
  EXPECT_EQ(keys(), 0U);
  EXPECT_EQ(await(migrate(database_, kNow, 2, kFiles)).value(), (Versions{1, 2}));
  EXPECT_EQ(two(), "1");
}

TEST_F(RedisMigrationsTest, OfTheProductLeaveNothingBehindOnTheWayDown) {
  ASSERT_TRUE(await(migrate(database_, kNow)).has_value());
  EXPECT_TRUE(await(migration_status(database_))->is_current());
  EXPECT_GT(keys(), 240U);
  ASSERT_TRUE(await(rollback(database_, 0)).has_value());
  EXPECT_EQ(keys(), 0U);
  ASSERT_TRUE(await(migrate(database_, kNow)).has_value());
}

TEST_F(RedisMigrationsTest, SeedTheNumbersThatSqliteHas) {
  ASSERT_TRUE(await(migrate(database_, kNow)).has_value());
  for (const auto& maker : store_makers()) {
    if (maker.name != "sqlite") continue;
    const auto sqlite = maker.make();
    RedisPlanStore plans(database_);
    EXPECT_EQ(await(plans.list()).value(), await(sqlite->plans().list()).value());
    RedisPriceStore prices(database_);
    const auto here = await(prices.list()).value();
    const auto there = await(sqlite->prices().list()).value();
    ASSERT_EQ(here.size(), there.size());
    for (std::size_t i = 0; i < here.size(); ++i) {
      SCOPED_TRACE(there[i].model + " " + there[i].tier);
      EXPECT_EQ(here[i].model, there[i].model);
      EXPECT_EQ(here[i].provider, there[i].provider);
      EXPECT_EQ(here[i].tier, there[i].tier);
      EXPECT_EQ(here[i].context_over, there[i].context_over);
      EXPECT_EQ(here[i].effective_from, there[i].effective_from);
      EXPECT_EQ(here[i].rates, there[i].rates);
      EXPECT_EQ(here[i].web_search_request, there[i].web_search_request);
    }
  }
}

TEST_F(RedisMigrationsTest, ShowTheirStatusAndTouchNothing) {
  auto status = await(migration_status(database_, kFiles)).value();
  EXPECT_EQ(status.version, 0);
  EXPECT_EQ(status.count(MigrationState::pending), 3U);
  EXPECT_FALSE(status.is_current());
  EXPECT_TRUE(run(RedisCommand("KEYS").arg(database_.tag() + ":*")).items.empty());

  ASSERT_TRUE(await(migrate(database_, kNow, 2, kFiles)).has_value());
  status = await(migration_status(database_, kFiles)).value();
  EXPECT_EQ(status.version, 2);
  ASSERT_EQ(status.lines.size(), 3U);
  EXPECT_EQ(status.lines[0].name, "one");
  EXPECT_EQ(status.lines[0].state, MigrationState::applied);
  EXPECT_EQ(status.lines[0].applied_at, kNow);
  EXPECT_EQ(status.lines[2].state, MigrationState::pending);
}

TEST_F(RedisMigrationsTest, RefuseAFileThatChangedAndTheStoreOfANewerProgram) {
  ASSERT_TRUE(await(migrate(database_, kNow, 2, kFiles)).has_value());
  std::vector<EmbeddedFile> changed(std::begin(kFiles), std::end(kFiles));
  changed[0].content = "-- another";
  const auto outcome = await(migrate(database_, kNow, {}, changed));
  ASSERT_TRUE(outcome.has_error());
  EXPECT_EQ(outcome.error().code(), "migration_drift");
  EXPECT_EQ(await(rollback(database_, {}, changed)).error().code(), "migration_drift");
  EXPECT_EQ(await(migration_status(database_, changed))->count(MigrationState::drifted), 1U);

  const auto older = std::span(kFiles).first(2);
  EXPECT_EQ(await(migrate(database_, kNow, {}, older)).error().code(), "schema_newer");
  EXPECT_EQ(await(migration_status(database_, older))->count(MigrationState::unknown), 1U);
}

TEST_F(RedisMigrationsTest, GoOnBehindOneThatFailed) {
  std::vector<EmbeddedFile> broken(std::begin(kFiles), std::end(kFiles));
  broken[2].content = "call('INCR', base .. 'two') error('nowhere')";
  const auto outcome = await(migrate(database_, kNow, {}, broken));
  ASSERT_TRUE(outcome.has_error());
  EXPECT_EQ(outcome.error().code(), "migration_failed");
  EXPECT_NE(outcome.error().message().find("2 (two)"), std::string::npos);
  EXPECT_NE(outcome.error().cause().find("nowhere"), std::string::npos);
  EXPECT_EQ(await(migrate(database_, kNow, {}, kFiles)).value(), (Versions{2, 3}))
      << "the lock was given back";
}

TEST_F(RedisMigrationsTest, RunOnceWhenManyProcessesStartAtOnce) {
  for (int round = 0; round < 5; ++round) {
    RedisDatabase database(client_, a_prefix());
    std::atomic<std::size_t> applied = 0;
    {
      std::vector<std::jthread> processes;
      for (int i = 0; i < 4; ++i) {
        processes.emplace_back([&] {
          RedisClient own(parse_redis_url(shared_redis().url()).value());
          RedisDatabase same(own, database.prefix());
          applied += await(migrate(same, kNow, {}, kFiles)).value().size();
        });
      }
    }
    EXPECT_EQ(applied, 3U);
    EXPECT_EQ(run(RedisCommand("GET").key(database.tag() + ":two")).text, "1");
    EXPECT_TRUE(await(migration_status(database, kFiles))->is_current());
  }
}

TEST_F(RedisMigrationsTest, DoNotWaitForEverForAProcessThatDied) {
  run(RedisCommand("SET").key(database_.tag() + ":migrating").arg("somebody").arg("PX").arg("300"));
  EXPECT_EQ(await(migrate(database_, kNow, {}, kFiles)).value(), (Versions{1, 2, 3}));
}

}  // namespace redis_migrations_test
}  // namespace relay::test
