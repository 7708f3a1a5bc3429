#include "coordination/redis/redis_invalidation.h"

#include "coordination/listener_fake.h"
#include "coordination/redis_nodes.h"
#include "fakes/seeded_random.h"

#include <gtest/gtest.h>

#include <csignal>

namespace relay::test {
namespace redis_invalidation_test {

using namespace std::chrono_literals;
using Heard = std::vector<std::string>;

struct ListeningNode {
  ListeningNode(NodeLink& link, const Clock&) : invalidation(link) { invalidation.subscribe(listener); }
  HearingListener listener;
  RedisInvalidation invalidation;
};

struct Node : RedisNodeUnderTest<ListeningNode> {
  Node(const RedisServer& server, const std::string& prefix, const std::string& id)
      : RedisNodeUnderTest(server, prefix, id) {
    part.invalidation.start();
  }
  bool hears(const std::string& words, std::chrono::milliseconds within = 1s) {
    return part.listener.hears(words, within);
  }
  // The subscription is there; what it says of it is forgotten.
  bool is_ready() {
    const bool ready =
        comes_true(3s, [this] { return part.invalidation.is_listening(); }) && hears("anything");
    part.listener.forget();
    return ready;
  }
};

TEST(RedisInvalidation, TellsItsOwnNodeFirstAndTheOthersOverRedis) {
  Node a(shared_redis(), "changes_1", "a");
  Node b(shared_redis(), "changes_1", "b");
  Node elsewhere(shared_redis(), "changes_2", "c");
  ASSERT_TRUE(a.is_ready() && b.is_ready() && elsewhere.is_ready());
  SeededRandom random;
  const auto hash = ApiKeyHash::of(ApiKeySecret::generate(random));
  a.part.invalidation.key_changed(hash);
  a.part.invalidation.user_changed("usr_1");
  a.part.invalidation.session_ended("ses_1");
  a.part.invalidation.prices_changed();
  a.part.invalidation.plan_changed("plan of one's own");
  const Heard all{"key " + hash.hex(), "user usr_1", "session ses_1", "prices", "plan plan of one's own"};
  EXPECT_EQ(a.part.listener.heard(), all);
  EXPECT_TRUE(b.hears(all.back()));
  EXPECT_EQ(b.part.listener.heard(), all) << "in order";
  b.part.invalidation.user_changed("usr_2");
  EXPECT_TRUE(a.hears("user usr_2"));
  EXPECT_EQ(a.part.listener.heard().size(), 6U) << "its own came once";
  EXPECT_EQ(elsewhere.part.listener.heard(), Heard{});
}

TEST(RedisInvalidation, TakesFarLessThanASecond) {
  Node a(shared_redis(), "changes_3", "a");
  Node b(shared_redis(), "changes_3", "b");
  ASSERT_TRUE(a.is_ready() && b.is_ready());
  std::chrono::microseconds slowest{0};
  for (int i = 0; i < 100; ++i) {
    const auto began = a.clock.steady_now();
    a.part.invalidation.user_changed(std::to_string(i));
    ASSERT_TRUE(b.hears("user " + std::to_string(i)));
    slowest = std::max(slowest,
                       std::chrono::duration_cast<std::chrono::microseconds>(a.clock.steady_now() - began));
  }
  RecordProperty("slowest_us", static_cast<int>(slowest.count()));
  EXPECT_LT(slowest, 1s);
}

TEST(RedisInvalidation, PublishesWhatWaitedAndDoubtsEverythingAfterALoss) {
  RedisServer server;
  Node a(server, "relay", "a");
  Node b(server, "relay", "b");
  ASSERT_TRUE(a.is_ready() && b.is_ready());
  server.kill();
  EXPECT_TRUE(comes_true(6s, [&] { return !a.part.invalidation.is_listening(); }));
  a.part.invalidation.user_changed("usr_1");
  EXPECT_EQ(a.part.listener.heard(), Heard{"user usr_1"}) << "here at once, Redis or not";
  server.start();
  EXPECT_TRUE(a.hears("anything", 9s));
  EXPECT_TRUE(b.hears("anything", 9s));
  EXPECT_TRUE(comes_true(3s, [&] { return a.part.invalidation.waiting() == 0; }));
}

TEST(RedisInvalidation, ABlackHoleIsALossToo) {
  RedisServer server;
  Node node(server, "relay", "a");
  ASSERT_TRUE(node.is_ready());
  server.process().send(SIGSTOP);
  EXPECT_TRUE(comes_true(8s, [&] { return !node.part.invalidation.is_listening(); }));
  server.process().send(SIGCONT);
  EXPECT_TRUE(node.hears("anything", 9s));
}

TEST(RedisInvalidation, WaitsInBoundedMemory) {
  RedisServer server;
  Node a(server, "relay", "a");
  Node b(server, "relay", "b");
  ASSERT_TRUE(a.is_ready() && b.is_ready());
  server.process().send(SIGSTOP);
  for (int i = 0; i < 25'000; ++i) a.part.invalidation.session_ended("ses_" + std::to_string(i));
  EXPECT_LE(a.part.invalidation.waiting(), 10'000U);
  server.process().send(SIGCONT);
  EXPECT_TRUE(b.hears("anything", 9s));
  EXPECT_TRUE(b.hears("session ses_24999", 9s) || b.hears("anything", 0ms));
}

TEST(RedisInvalidation, ACommandTellsAllNodes) {
  Node node(shared_redis(), "changes_4", "a");
  ASSERT_TRUE(node.is_ready());
  RedisClient client(Node::settings_of(shared_redis()));
  EXPECT_TRUE(await(RedisInvalidation::tell_anything(client, "changes_4")).has_value());
  client.stop();
  EXPECT_TRUE(node.hears("anything"));
}

TEST(RedisInvalidation, WhatItDoesNotUnderstandMayBeAnything) {
  Node node(shared_redis(), "changes_5", "a");
  ASSERT_TRUE(node.is_ready());
  RedisCommand command("PUBLISH");
  std::move(command).arg("changes_5:changes").arg("newer\nwhatever 1\nkey nonsense");
  ASSERT_TRUE(await(node.client.run(std::move(command))).has_value());
  EXPECT_TRUE(comes_true(1s, [&] { return node.part.listener.heard() == Heard{"anything", "anything"}; }));
}

}  // namespace redis_invalidation_test
}  // namespace relay::test
