#include "coordination/redis/redis_rest_channel.h"

#include "coordination/redis_nodes.h"

#include <gtest/gtest.h>

#include <mutex>

namespace relay::test {
namespace redis_rest_channel_test {

using namespace std::chrono_literals;

const RestNews kNews{
    .account_id = "upa_1", .family = "claude-sonnet", .reason = "overloaded", .time = 2500ms};

struct HearingNode {
  HearingNode(NodeLink& link, const Clock&) : channel(link) {
    channel.on_heard([this](const RestNews& news, const std::string& node) {
      const std::lock_guard lock(mutex);
      heard.push_back(node + " " + news.account_id + " " + news.family + " " + news.reason + " " +
                      std::to_string(news.time.count()));
    });
    channel.start();
  }
  std::size_t count() {
    const std::lock_guard lock(mutex);
    return heard.size();
  }
  std::mutex mutex;
  std::vector<std::string> heard;
  RedisRestChannel channel;
};
using Node = RedisNodeUnderTest<HearingNode>;

TEST(RedisRestChannel, OtherNodesHearOfARest) {
  Node a(shared_redis(), "rests_1", "a", 2000ms);
  Node b(shared_redis(), "rests_1", "b", 2000ms);
  // What is told before the subscription stands is lost, and told again.
  ASSERT_TRUE(comes_true(5s, [&] {
    a.part.channel.tell(kNews);
    return b.part.count() > 0;
  }));
  const std::lock_guard lock(b.part.mutex);
  EXPECT_EQ(b.part.heard[0], "a upa_1 claude-sonnet overloaded 2500");
  EXPECT_EQ(a.part.count(), 0U) << "its own";
}

}  // namespace redis_rest_channel_test
}  // namespace relay::test
