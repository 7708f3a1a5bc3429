// A slot of the store that a cluster moves: calls are unavailable, and none is run on the half that is there.
#include "metering/records.h"
#include "redis/redis_under_test.h"
#include "store/redis/redis_home.h"
#include "store/redis/usage_reader.h"
#include "store/store_contract.h"

namespace relay::test {
namespace redis_moving_slot_test {

class RedisMovingSlotTest : public testing::Test {
 protected:
  RedisMovingSlotTest() {
    static int number = 0;
    store_.emplace(settings_of(cluster().node(0).port()), "moving" + std::to_string(++number));
  }
  static RedisCluster& cluster() {
    static RedisCluster three;
    return three;
  }

  void begin_to_move(const std::string& tag) {
    slot_ = redis_slot(tag);
    from_ = cluster().owner_of(slot_);
    to_ = (from_ + 1) % 3;
    set_slot(to_, "IMPORTING " + cluster().id_of(from_));
    set_slot(from_, "MIGRATING " + cluster().id_of(to_));
  }
  void give_up() {
    set_slot(from_, "STABLE");
    set_slot(to_, "STABLE");
  }
  void give_to(std::size_t owner) {
    const auto id = cluster().id_of(owner);
    for (const std::size_t node : {owner, std::size_t{0}, std::size_t{1}, std::size_t{2}}) {
      set_slot(node, "NODE " + id);
    }
  }
  void move_keys(int count) {
    const auto asked =
        RedisCommand("CLUSTER").arg("GETKEYSINSLOT").arg(std::to_string(slot_)).arg(std::to_string(count));
    RedisClient of_node(settings_of(cluster().node(from_).port()));
    const auto keys = run(of_node, asked).value();
    for (const auto& key : keys.items) {
      auto command = RedisCommand("MIGRATE").arg("127.0.0.1").arg(std::to_string(cluster().node(to_).port()));
      std::move(command).key(key.text).arg("0").arg("5000");
      EXPECT_EQ(run(of_node, std::move(command)).value().text, "OK") << key.text;
    }
  }
  std::string keys_at(std::size_t node) const {
    return cluster().node(node).say("CLUSTER COUNTKEYSINSLOT " + std::to_string(slot_));
  }

  std::optional<OwnRedisStore> store_;
  std::uint16_t slot_ = 0;
  std::size_t from_ = 0;
  std::size_t to_ = 0;

 private:
  void set_slot(std::size_t node, const std::string& words) const {
    EXPECT_EQ(cluster().node(node).say("CLUSTER SETSLOT " + std::to_string(slot_) + " " + words), "+OK");
  }
};

TEST_F(RedisMovingSlotTest, IsUnavailableAndNothingIsLookedForWhereItGoes) {
  ASSERT_TRUE(await(store_->users().insert(a_user("usr_1"))).has_value());
  begin_to_move(store_->database.tag());
  const auto found = await(store_->users().find("usr_1"));
  ASSERT_TRUE(found.has_error());
  EXPECT_EQ(found.error().code(), "store_unavailable");
  EXPECT_TRUE(found.error().retry_after());
  EXPECT_NE(found.error().cause().find("the slot is being moved"), std::string::npos)
      << found.error().cause();
  EXPECT_EQ(code_of(await(store_->users().insert(a_user("usr_2")))), "store_unavailable");
  EXPECT_EQ(code_of(await(store_->keys().find_by_id("key_1"))), "store_unavailable");
  EXPECT_EQ(code_of(await(store_->plans().find("free"))), "store_unavailable");
  EXPECT_EQ(code_of(await(store_->revisions().bump())), "store_unavailable");
  EXPECT_EQ(code_of(store_->append(1)), "store_unavailable");
  EXPECT_EQ(keys_at(to_), ":0");

  // A script that no node knows goes as EVAL, and is the store's as before.
  for (std::size_t node = 0; node < 3; ++node) cluster().node(node).say("SCRIPT FLUSH");
  EXPECT_EQ(code_of(await(store_->users().insert(a_user("usr_2")))), "store_unavailable");
  EXPECT_EQ(keys_at(to_), ":0");

  // Half of the keys are there.
  move_keys(100);
  EXPECT_EQ(keys_at(to_), ":100");
  EXPECT_EQ(code_of(await(store_->users().find("usr_1"))), "store_unavailable");
  EXPECT_EQ(code_of(await(store_->users().insert(a_user("usr_2")))), "store_unavailable");
  EXPECT_EQ(keys_at(to_), ":100");

  // And now all of them: the slot has moved, which is followed.
  move_keys(100'000);
  give_to(to_);
  EXPECT_EQ(code_of(await(store_->users().find("usr_1"))), "passed");
  EXPECT_EQ(code_of(await(store_->users().find("usr_2"))), "user_unknown");
  EXPECT_EQ(code_of(store_->append(1)), "passed");
}

TEST_F(RedisMovingSlotTest, IsAsBeforeWhenItStaysAfterAll) {
  ASSERT_TRUE(await(store_->users().insert(a_user("usr_1"))).has_value());
  begin_to_move(store_->database.tag());
  EXPECT_EQ(code_of(await(store_->users().find("usr_1"))), "store_unavailable");
  EXPECT_EQ(code_of(store_->append(1)), "store_unavailable");
  give_up();
  EXPECT_EQ(keys_at(to_), ":0");
  EXPECT_EQ(code_of(await(store_->users().find("usr_1"))), "passed");
  EXPECT_EQ(code_of(store_->append(1)), "passed");
}

TEST_F(RedisMovingSlotTest, OfUsageKeepsWhatWaitsForIt) {
  ASSERT_TRUE(store_->append(1).has_value());
  begin_to_move(usage_tag(store_->database, usage_partition_of(a_record(1).user_id)));
  EXPECT_EQ(code_of(store_->append(2)), "store_unavailable");
  EXPECT_EQ(await(store_->usage().last_sequence("node_1")).value(), 1);
  EXPECT_EQ(code_of(await(store_->usage().find_by_any_id(a_record(1).user_id, "att_1"))),
            "store_unavailable");
  EXPECT_EQ(keys_at(to_), ":0");
  give_up();
  EXPECT_EQ(code_of(store_->append(2)), "passed");
  EXPECT_EQ(await(store_->usage().list_newest(a_record(1).user_id, WallTime::max(), 10))->size(), 2U);
}

}  // namespace redis_moving_slot_test
}  // namespace relay::test
