// What a Redis server can do to the store: never does a fault of ours look like the caller's.
#include "fakes/seeded_random.h"
#include "metering/records.h"
#include "redis/redis_under_test.h"
#include "store/redis/redis_home.h"
#include "store/store_contract.h"

namespace relay::test {
namespace {

using namespace std::chrono_literals;

class RedisStoreFaultsTest : public testing::Test {
 protected:
  User a_user(const std::string& id) {
    return User{.id = id,
                .email = EmailAddress::from_store(id + "@example.com"),
                .username = Username::from_store("name_" + id),
                .password_hash = "hash"};
  }
  Result<> append(int sequence) {
    return await(store_.usage().append("node_1", batch_of(sequence, {a_record(sequence)})));
  }

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
    EXPECT_EQ(code_of(append(1)), "store_unavailable");
    EXPECT_EQ(server_.say("ACL SETUSER default +@all ~*"), "+OK");
    EXPECT_EQ(code_of(await(store_.users().find("usr_1"))), "passed");
  }
}

}  // namespace
}  // namespace relay::test
