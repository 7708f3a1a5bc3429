#include "coordination/redis/node_link.h"

#include "coordination/redis_nodes.h"

#include <gtest/gtest.h>

#include <csignal>

namespace relay::test {
namespace node_link_test {

using namespace std::chrono_literals;

struct Nothing {
  Nothing(NodeLink&, const Clock&) {}
};
using Node = RedisNodeUnderTest<Nothing>;

const RedisScript kAnswer("return 42");

// How long a question took, and whether it was answered.
struct Asked {
  std::chrono::milliseconds took{};
  bool answered = false;
};

Asked ask(Node& node) {
  const auto began = node.clock.steady_now();
  const auto reply = await(node.link.ask(kAnswer, node.link.key("test", "a"), {}));
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(node.clock.steady_now() - began);
  return {took, reply.has_value()};
}

TEST(NodeLink, KnowsHowManyNodesThereAre) {
  constexpr auto kPatient = 2s;
  Node first(shared_redis(), "node_link", "a", kPatient);
  EXPECT_TRUE(first.link.can_ask());
  EXPECT_EQ(first.link.nodes(), 1);
  EXPECT_EQ(first.link.share_of(600), 600);
  Node second(shared_redis(), "node_link", "b", kPatient);
  EXPECT_EQ(second.link.nodes(), 2) << "by its first heartbeat";
  EXPECT_TRUE(comes_true(3s, [&] { return first.link.nodes() == 2; }));
  EXPECT_EQ(first.link.share_of(601), 300);
  EXPECT_EQ(first.link.share_of(1), 1) << "one at least";
  Node elsewhere(shared_redis(), "node_link_2", "c", kPatient);
  EXPECT_EQ(elsewhere.link.nodes(), 1);
}

TEST(NodeLink, ABlackHoleCostsOneDeadlineAndThenNothing) {
  RedisServer server;
  Node node(server, "relay", "a");
  ASSERT_TRUE(ask(node).answered);
  server.process().send(SIGSTOP);
  const auto first = ask(node);
  EXPECT_FALSE(first.answered);
  EXPECT_GE(first.took, 45ms);
  EXPECT_LT(first.took, 150ms);
  for (int i = 0; i < 20; ++i) {
    const auto next = ask(node);
    EXPECT_FALSE(next.answered);
    EXPECT_LT(next.took, 20ms);
  }
  EXPECT_FALSE(node.link.can_ask());
  EXPECT_EQ(node.link.nodes(), 1);
  server.process().send(SIGCONT);
  EXPECT_TRUE(comes_true(7s, [&] { return node.link.can_ask(); }));
  EXPECT_TRUE(ask(node).answered);
}

TEST(NodeLink, StartsWithoutRedis) {
  RedisServer server;
  server.kill();
  Node node(server, "relay", "a");
  EXPECT_FALSE(node.link.can_ask());
  EXPECT_LT(ask(node).took, 20ms);
  server.start();
  EXPECT_TRUE(comes_true(9s, [&] { return node.link.can_ask(); }));
  EXPECT_TRUE(ask(node).answered);
}

}  // namespace node_link_test
}  // namespace relay::test
