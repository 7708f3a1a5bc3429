// A cluster of three real nodes: every key goes to its node, and follows its slot.
#include "redis/cluster_map.h"

#include "redis/redis_under_test.h"

#include <gtest/gtest.h>

namespace relay {
namespace redis_cluster_test {

using namespace std::chrono_literals;
using test::await;
using test::becomes_true;
using test::RedisCluster;
using test::run;

class RedisClusterTest : public testing::Test {
 protected:
  RedisClusterTest() {
    for (std::size_t node = 0; node < 3; ++node) EXPECT_EQ(cluster().node(node).say("FLUSHALL"), "+OK");
  }

  static RedisCluster& cluster() {
    static RedisCluster three;
    return three;
  }

  // A key that the node has.
  static std::string key_of(std::size_t node, const std::string& prefix) {
    for (int at = 0;; ++at) {
      auto key = prefix + std::to_string(at);
      if (cluster().owner_of(redis_slot(key)) == node) return key;
    }
  }

  RedisClient client_{test::settings_of(cluster().node(0).port())};
};

TEST_F(RedisClusterTest, KeysGoToTheirNodes) {
  ASSERT_TRUE(becomes_true([this] { return client_.is_cluster(); }));
  std::vector<RedisCommand> sets;
  std::vector<RedisCommand> gets;
  for (int at = 0; at < 1000; ++at) {
    const auto key = "cluster:" + std::to_string(at);
    sets.push_back(RedisCommand("SET").key(key).arg(static_cast<std::int64_t>(at)));
    gets.push_back(RedisCommand("GET").key(key));
  }
  EXPECT_EQ(await(client_.run_all(std::move(sets))).value().size(), 1000U);
  const auto values = await(client_.run_all(std::move(gets))).value();
  for (std::size_t at = 0; at < 1000; ++at) ASSERT_EQ(values[at].text, std::to_string(at));
  for (std::size_t node = 0; node < 3; ++node) EXPECT_GT(cluster().node(node).say("DBSIZE"), ":2");
}

TEST_F(RedisClusterTest, TheFirstKeyOfAScriptDecides) {
  const RedisScript script("return {redis.call('INCR', KEYS[1]), redis.call('INCR', KEYS[2])}");
  for (int at = 0; at < 50; ++at) {
    const auto tag = "{script" + std::to_string(at) + "}";
    const auto reply = await(client_.run(script, {tag + ":a", tag + ":b"}, {})).value();
    ASSERT_EQ(reply.items.size(), 2U);
    EXPECT_EQ(reply.items[1].number, 1);
  }
}

TEST_F(RedisClusterTest, FollowsAMovedSlotAndLearnsIt) {
  const auto key = key_of(0, "moved:");
  const auto slot = std::to_string(redis_slot(key));
  EXPECT_EQ(run(client_, RedisCommand("GET").key(key)).value().kind, RedisReply::Kind::nil);
  const auto set = [&](std::size_t owner) {
    for (const std::size_t node : {owner, std::size_t{0}, std::size_t{1}, std::size_t{2}}) {
      EXPECT_EQ(cluster().node(node).say("CLUSTER SETSLOT " + slot + " NODE " + cluster().id_of(owner)),
                "+OK");
    }
  };
  set(2);
  EXPECT_EQ(run(client_, RedisCommand("SET").key(key).arg("there")).value().text, "OK");
  EXPECT_EQ(cluster().node(2).say("GET " + key), "there");
  EXPECT_EQ(run(client_, RedisCommand("DEL").key(key)).value().number, 1);
  set(0);
  EXPECT_EQ(run(client_, RedisCommand("SET").key(key).arg("here")).value().text, "OK");
  EXPECT_EQ(cluster().node(0).say("GET " + key), "here");
}

TEST_F(RedisClusterTest, AsksForASlotThatIsOnItsWay) {
  const auto key = key_of(1, "asked:");
  const auto slot = std::to_string(redis_slot(key));
  EXPECT_EQ(cluster().node(2).say("CLUSTER SETSLOT " + slot + " IMPORTING " + cluster().id_of(1)), "+OK");
  EXPECT_EQ(cluster().node(1).say("CLUSTER SETSLOT " + slot + " MIGRATING " + cluster().id_of(2)), "+OK");
  // The key is not at the old node, so the new one is asked, with ASKING.
  for (int at = 1; at <= 20; ++at) {
    EXPECT_EQ(run(client_, RedisCommand("INCR").key(key)).value().number, at);
  }
  EXPECT_EQ(cluster().node(1).say("GET " + key).substr(0, 4), "-ASK");
  EXPECT_EQ(cluster().node(1).say("CLUSTER SETSLOT " + slot + " STABLE"), "+OK");
  EXPECT_EQ(cluster().node(2).say("CLUSTER SETSLOT " + slot + " STABLE"), "+OK");
}

TEST_F(RedisClusterTest, ADeadNodeFailsItsKeysFastAndNoOthers) {
  const auto of_dead = key_of(2, "dead:");
  const auto of_living = key_of(1, "living:");
  EXPECT_EQ(run(client_, RedisCommand("SET").key(of_dead).arg("x")).value().text, "OK");
  cluster().node(2).kill();
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_TRUE(becomes_true([&] { return run(client_, RedisCommand("GET").key(of_dead)).has_error(); }));
  for (int at = 0; at < 100; ++at) {
    EXPECT_EQ(run(client_, RedisCommand("GET").key(of_dead)).error().kind(), ErrorKind::unavailable);
    EXPECT_TRUE(run(client_, RedisCommand("SET").key(of_living).arg("y")).has_value());
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);  // less than one of them would wait for its time
  cluster().node(2).start();
  EXPECT_TRUE(becomes_true([&] {
    const auto value = run(client_, RedisCommand("GET").key(of_dead));
    return value.has_value() && value->text == "x";
  }));
}

TEST_F(RedisClusterTest, ASubscriptionMovesToAnotherNode) {
  std::atomic<int> subscribed{0};
  std::atomic<int> messages{0};
  client_.subscribe("news", {.on_message = [&](std::string_view) { ++messages; },
                             .on_subscribed = [&] { ++subscribed; },
                             .on_lost = [] {}});
  ASSERT_TRUE(becomes_true([&] { return subscribed == 1; }));
  EXPECT_TRUE(run(client_, RedisCommand("GET").key(key_of(1, "news:"))).has_value());
  cluster().node(0).kill();
  EXPECT_TRUE(becomes_true([&] { return subscribed == 2; }));
  EXPECT_TRUE(becomes_true([&] {
    static_cast<void>(run(client_, RedisCommand("PUBLISH").arg("news").arg("one")));
    return messages > 0;
  }));
  cluster().node(0).start();
  client_.stop();
}

TEST(ClusterMap, ReadsWhatNodesAnswer) {
  const auto text = [](std::string words) {
    return RedisReply{.kind = RedisReply::Kind::text, .text = std::move(words)};
  };
  const auto number = [](std::int64_t value) {
    return RedisReply{.kind = RedisReply::Kind::number, .number = value};
  };
  const auto list = [](std::vector<RedisReply> items) {
    return RedisReply{.kind = RedisReply::Kind::list, .items = std::move(items)};
  };
  ClusterMap map;
  EXPECT_EQ(map.node_of(0), nullptr);
  const auto first = list({number(0), number(99), list({text(""), number(7000)})});
  const auto second = list({number(100), number(16383), list({text("10.0.0.2"), number(7001), text("id")})});
  ASSERT_TRUE(map.read(list({first, second}), {"asked", 1}));
  EXPECT_EQ(*map.node_of(99), (RedisAddress{"asked", 7000}));
  EXPECT_EQ(*map.node_of(100), (RedisAddress{"10.0.0.2", 7001}));
  EXPECT_EQ(map.nodes().size(), 2U);
  map.move(5, {"10.0.0.3", 7002});
  EXPECT_EQ(map.node_of(5)->port, 7002);

  EXPECT_FALSE(map.read(text("nonsense"), {"asked", 1}));
  EXPECT_FALSE(map.read(list({list({number(5), number(4), list({text("x"), number(1)})})}), {"asked", 1}));
  EXPECT_FALSE(
      map.read(list({list({number(0), number(16384), list({text("x"), number(1)})})}), {"asked", 1}));
  EXPECT_FALSE(
      map.read(list({list({number(0), number(1), list({text("x"), number(70000)})})}), {"asked", 1}));
  EXPECT_EQ(map.node_of(5)->port, 7002);  // as it was
}

TEST(ClusterMap, ReadsRedirections) {
  const RedisAddress asked{"asked", 1};
  EXPECT_EQ(parse_redirection("MOVED 3999 127.0.0.1:6381", asked)->address,
            (RedisAddress{"127.0.0.1", 6381}));
  EXPECT_EQ(parse_redirection("ASK 3999 ::1:6381", asked)->address, (RedisAddress{"::1", 6381}));
  EXPECT_EQ(parse_redirection("MOVED 3999 :6381", asked)->address, (RedisAddress{"asked", 6381}));
  EXPECT_EQ(parse_redirection("MOVED 3999 :6381", asked)->slot, 3999);
  for (const auto* broken :
       {"MOVED", "MOVED 3999", "MOVED x 127.0.0.1:1", "MOVED 16384 127.0.0.1:1", "MOVED 1 127.0.0.1:0",
        "MOVED 1 127.0.0.1:", "MOVED 1 127.0.0.1", "ERR 1 127.0.0.1:1"}) {
    EXPECT_FALSE(parse_redirection(broken, asked)) << broken;
  }
}

}  // namespace redis_cluster_test
}  // namespace relay
