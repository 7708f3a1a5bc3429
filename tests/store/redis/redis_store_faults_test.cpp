// What a Redis server can do to the store: never does a fault of ours look like the caller's.
#include "fakes/seeded_random.h"
#include "redis/redis_under_test.h"
#include "store/redis/redis_home.h"
#include "store/store_contract.h"

namespace relay::test {
namespace redis_store_faults_test {

using namespace std::chrono_literals;

class RedisStoreFaultsTest : public testing::Test {
 protected:
  SeededRandom random_;
  RedisServer server_;
  OwnRedisStore store_{settings_of(server_.port())};
};

TEST_F(RedisStoreFaultsTest, RightsThatAreTakenAwayMakeItUnavailable) {
  ASSERT_TRUE(await(store_.users().insert(a_user("usr_1"))).has_value());
  for (const std::string right : {"-@write", "-@scripting", "resetkeys ~other:*"}) {
    SCOPED_TRACE(right);
    EXPECT_EQ(server_.say("ACL SETUSER default " + right), "+OK");
    EXPECT_EQ(code_of(await(store_.users().insert(a_user("usr_2")))), "store_unavailable");
    EXPECT_EQ(code_of(store_.append(1)), "store_unavailable");
    EXPECT_EQ(server_.say("ACL SETUSER default +@all ~*"), "+OK");
    EXPECT_EQ(code_of(await(store_.users().find("usr_1"))), "passed");
  }
}

TEST_F(RedisStoreFaultsTest, AStoreThatComesBackWithoutItsDataIsUnavailable) {
  ASSERT_TRUE(await(store_.users().insert(a_user("usr_1"))).has_value());
  ASSERT_TRUE(store_.append(1).has_value());
  EXPECT_EQ(server_.say("FLUSHALL"), "+OK");

  const auto found = await(store_.users().find("usr_1"));
  ASSERT_TRUE(found.has_error());
  EXPECT_EQ(found.error().kind(), ErrorKind::unavailable);
  EXPECT_EQ(found.error().code(), "store_unavailable");
  EXPECT_TRUE(found.error().retry_after());
  EXPECT_NE(found.error().cause().find("without its data"), std::string::npos) << found.error().cause();
  // What a caller would take for their own fault.
  const auto away = [](const auto& outcome) { EXPECT_EQ(code_of(outcome), "store_unavailable"); };
  away(await(store_.users().find_by_email(EmailAddress::from_store("usr_1@example.com"))));
  away(await(store_.keys().find_access(ApiKeyHash::of(ApiKeySecret::generate(random_)))));
  away(await(store_.keys().find_by_id("key_1")));
  away(await(store_.keys().list({.user_id = "usr_1", .now = WallTime()}, {})));
  away(await(store_.sessions().find("ses_1")));
  away(await(store_.sessions().list_live("usr_1", WallTime())));
  away(await(store_.sessions().find_by_refresh_hash("hash")));
  away(await(store_.plans().find("free")));
  away(await(store_.plans().list()));
  away(await(store_.prices().list()));
  away(await(store_.secrets().find("name")));
  away(await(store_.two_factors().find("usr_1")));
  // What would be written into a store that is none.
  away(await(store_.users().insert(a_user("usr_2"))));
  away(await(store_.usage().last_sequence("node_1")));
  away(await(store_.usage().lease_node("node_1", "holder", WallTime(), WallTime(1min))));
  away(store_.append(2));
  away(await(store_.revisions().bump()));
  EXPECT_EQ(server_.say("DBSIZE"), ":0");

  // An operator who wants a new store has one.
  ASSERT_TRUE(await(migrate(store_.database, WallTime())).has_value());
  EXPECT_EQ(code_of(await(store_.users().find("usr_1"))), "user_unknown");
  EXPECT_EQ(code_of(store_.append(2)), "passed");
}

}  // namespace redis_store_faults_test
}  // namespace relay::test
