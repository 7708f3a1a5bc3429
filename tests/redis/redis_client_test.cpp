#include "redis/redis_client.h"

#include "fakes/await.h"
#include "servers/redis_server.h"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include <thread>

namespace relay {
namespace redis_client_test {

using namespace std::chrono_literals;
using test::await;

RedisSettings settings_of(const test::RedisServer& server) {
  RedisSettings settings;
  settings.port = server.port();
  return settings;
}

class RedisClientTest : public testing::Test {
 protected:
  RedisReply run(RedisCommand command) { return await(client_.run(std::move(command))).value(); }

  RedisClient client_{settings_of(test::shared_redis())};
};

TEST_F(RedisClientTest, GivesEveryKindOfReply) {
  EXPECT_EQ(run(RedisCommand("SET").key("redis_client:a").arg("one")).kind, RedisReply::Kind::status);
  EXPECT_EQ(run(RedisCommand("GET").key("redis_client:a")).text, "one");
  EXPECT_TRUE(run(RedisCommand("GET").key("redis_client:none")).is_nil());
  EXPECT_EQ(run(RedisCommand("STRLEN").key("redis_client:a")).number, 3);
  const auto list = run(RedisCommand("MGET").key("redis_client:a").key("redis_client:none"));
  ASSERT_EQ(list.items.size(), 2U);
  EXPECT_EQ(list.items[0].text, "one");
  EXPECT_TRUE(list.items[1].is_nil());
  EXPECT_TRUE(client_.is_connected());
  EXPECT_FALSE(client_.is_cluster());
}

TEST_F(RedisClientTest, KeepsAnyBytes) {
  std::string bytes;
  for (int at = 0; at < 256 * 1024; ++at) bytes += static_cast<char>(at * 7);
  EXPECT_EQ(run(RedisCommand("SET").key("redis_client:bytes").arg(bytes)).text, "OK");
  EXPECT_EQ(run(RedisCommand("GET").key("redis_client:bytes")).text, bytes);
}

TEST_F(RedisClientTest, NestedListsComeWhole) {
  const RedisScript nested("return {1, {'two', {3, {}}}, {'four'}}");
  const auto reply = await(client_.run(nested, {"redis_client:n"}, {})).value();
  ASSERT_EQ(reply.items.size(), 3U);
  EXPECT_EQ(reply.items[1].items[0].text, "two");
  EXPECT_EQ(reply.items[1].items[1].items[0].number, 3);
  EXPECT_TRUE(reply.items[1].items[1].items[1].items.empty());
  EXPECT_EQ(reply.items[2].items[0].text, "four");
}

TEST_F(RedisClientTest, ARefusalIsAnErrorWithTheReplyAsItsCause) {
  const auto refused = await(client_.run(RedisCommand("INCR").key("redis_client:a").arg("too many")));
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().kind(), ErrorKind::internal);
  EXPECT_EQ(refused.error().code(), "redis_refused");
  EXPECT_NE(refused.error().cause().find("wrong number of arguments"), std::string::npos);
}

TEST_F(RedisClientTest, AScriptRunsByItsNameAfterTheFirstTime) {
  EXPECT_EQ(run(RedisCommand("SCRIPT").arg("FLUSH")).text, "OK");
  const RedisScript add("return redis.call('INCRBY', KEYS[1], ARGV[1])");
  EXPECT_EQ(run(RedisCommand("SCRIPT").arg("EXISTS").arg(add.sha1())).items[0].number, 0);
  EXPECT_EQ(run(RedisCommand("DEL").key("redis_client:sum")).kind, RedisReply::Kind::number);
  EXPECT_EQ(await(client_.run(add, {"redis_client:sum"}, {"5"})).value().number, 5);
  EXPECT_EQ(run(RedisCommand("SCRIPT").arg("EXISTS").arg(add.sha1())).items[0].number, 1);
  EXPECT_EQ(await(client_.run(add, {"redis_client:sum"}, {"5"})).value().number, 10);
}

TEST_F(RedisClientTest, AScriptsOwnErrorIsAReply) {
  const RedisScript ours("return redis.error_reply('RELAY too_many 17')");
  const auto reply = await(client_.run(ours, {"redis_client:x"}, {})).value();
  EXPECT_TRUE(reply.is_error());
  EXPECT_EQ(reply.text, "RELAY too_many 17");
  const RedisScript broken("return nonsense(1)");
  EXPECT_EQ(await(client_.run(broken, {"redis_client:x"}, {})).error().code(), "redis_refused");
}

TEST_F(RedisClientTest, RunAllAnswersInTheOrderOfItsCommands) {
  std::vector<RedisCommand> commands;
  for (int at = 0; at < 500; ++at) commands.push_back(RedisCommand("ECHO").arg(std::int64_t{at}));
  const auto replies = await(client_.run_all(std::move(commands))).value();
  ASSERT_EQ(replies.size(), 500U);
  for (std::size_t at = 0; at < 500; ++at) EXPECT_EQ(replies[at].text, std::to_string(at));

  std::vector<RedisCommand> one_wrong;
  one_wrong.push_back(RedisCommand("PING"));
  one_wrong.push_back(RedisCommand("NONSENSE"));
  EXPECT_EQ(await(client_.run_all(std::move(one_wrong))).error().code(), "redis_refused");
  EXPECT_TRUE(await(client_.run_all({})).value().empty());
}

// Each sends its next command when the last was answered; all of them wait at the same time.
Awaitable<void> echo_in_order(RedisClient& client, int first, int count, std::atomic<int>& right) {
  const auto home = std::this_thread::get_id();
  for (int at = first; at < first + count; ++at) {
    auto command = RedisCommand("ECHO").arg(static_cast<std::int64_t>(at));
    auto reply = co_await client.run(std::move(command));
    if (reply.has_value() && reply->text == std::to_string(at) && std::this_thread::get_id() == home) ++right;
  }
}

TEST_F(RedisClientTest, TenThousandPipelinedCommandsFromFourLoopsComeBackRightAndHome) {
  constexpr int kThreads = 4;
  constexpr int kTasks = 50;
  constexpr int kEach = 50;
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  const auto begun = std::chrono::steady_clock::now();
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([this, thread, &right] {
      boost::asio::io_context context(1);
      for (int task = 0; task < kTasks; ++task) {
        const int first = (thread * kTasks + task) * kEach;
        boost::asio::co_spawn(context.get_executor(), echo_in_order(client_, first, kEach, right),
                              test::rethrow);
      }
      context.run();
    });
  }
  for (auto& thread : threads) thread.join();
  const auto took = std::chrono::steady_clock::now() - begun;
  EXPECT_EQ(right, kThreads * kTasks * kEach);
  RecordProperty("milliseconds", static_cast<int>(took / 1ms));
}

TEST(RedisClient, PastItsBoundFailsAtOnce) {
  auto settings = settings_of(test::shared_redis());
  settings.waiting_max = 3;
  RedisClient client(settings);
  std::vector<RedisCommand> four(4, RedisCommand("PING"));
  EXPECT_EQ(await(client.run_all(std::move(four))).error().code(), "redis_unavailable");
  std::vector<RedisCommand> three(3, RedisCommand("PING"));
  EXPECT_EQ(await(client.run_all(std::move(three))).value().size(), 3U);
}

TEST(RedisClient, GivesUpAfterTheTimeOfTheCallAndGoesOn) {
  RedisClient client(settings_of(test::shared_redis()));
  const auto begun = std::chrono::steady_clock::now();
  const auto late = await(client.run(RedisCommand("BLPOP").key("redis_client:nothing").arg("0.5"), 100ms));
  const auto took = std::chrono::steady_clock::now() - begun;
  EXPECT_EQ(late.error().code(), "redis_unavailable");
  EXPECT_GE(took, 100ms);
  EXPECT_LT(took, 400ms);
  EXPECT_EQ(await(client.run(RedisCommand("ECHO").arg("still in step"))).value().text, "still in step");
}

TEST(RedisClient, StopEndsWhatWaits) {
  RedisClient client(settings_of(test::shared_redis()));
  boost::asio::io_context context(1);
  std::optional<Result<RedisReply>> outcome;
  auto waiting = client.run(RedisCommand("BLPOP").key("redis_client:nothing").arg("1"));
  boost::asio::co_spawn(context.get_executor(), test::keep_outcome(std::move(waiting), outcome),
                        test::rethrow);
  context.run_for(50ms);
  EXPECT_FALSE(outcome);
  client.stop();
  context.run();
  EXPECT_EQ(outcome.value().error().code(), "redis_unavailable");
  EXPECT_EQ(await(client.run(RedisCommand("PING"))).error().code(), "redis_unavailable");
}

TEST(RedisClient, NobodyThereFailsAtOnceAfterTheFirstTry) {
  RedisSettings settings;
  settings.port = test::free_port();
  RedisClient client(settings);
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(await(client.run(RedisCommand("PING"))).error().kind(), ErrorKind::unavailable);
  EXPECT_EQ(await(client.run(RedisCommand("PING"))).error().kind(), ErrorKind::unavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 500ms);
  EXPECT_FALSE(client.is_connected());
}

TEST(RedisSlot, IsTheSpecifications) {
  EXPECT_EQ(redis_slot("123456789"), 12739);
  EXPECT_EQ(redis_slot("{user1000}.following"), redis_slot("{user1000}.followers"));
  EXPECT_EQ(redis_slot("{user1000}.following"), redis_slot("user1000"));
  EXPECT_EQ(redis_slot("foo{}{bar}"), redis_slot(std::string("foo{}{bar}")));
  EXPECT_NE(redis_slot("foo{}{bar}"), redis_slot("bar"));  // an empty tag is none
  EXPECT_EQ(redis_slot("foo{{bar}}zap"), redis_slot("{bar"));
  EXPECT_EQ(redis_slot("foo{bar}{zap}"), redis_slot("bar"));
}

}  // namespace redis_client_test
}  // namespace relay
