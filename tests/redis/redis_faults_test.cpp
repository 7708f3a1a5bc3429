// Servers that break the protocol, fall silent or cut the line, played by a socket.
#include "redis/redis_under_test.h"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include <optional>

namespace relay {
namespace redis_faults_test {

using namespace std::chrono_literals;
using test::await;
using test::BlockingSocket;
using test::run;
using test::ScriptedRedis;
using Steady = std::chrono::steady_clock;

// A server that gives each command the same bytes, then waits for the client to go.
ScriptedRedis::Serve always(std::string answer) {
  return [answer = std::move(answer)](BlockingSocket& socket) {
    ScriptedRedis::greet(socket);
    while (!socket.receive().empty()) {
      if (!socket.send(answer)) return;
    }
  };
}

TEST(RedisFaults, RepliesInPiecesAreReplies) {
  ScriptedRedis server([](BlockingSocket& socket) {
    ScriptedRedis::greet(socket);
    static_cast<void>(socket.receive());
    for (const char letter : std::string("*2\r\n$5\r\nhello\r\n*2\r\n:7\r\n$-1\r\n"))
      socket.send({&letter, 1});
    static_cast<void>(socket.receive_all());
  });
  RedisClient client(server.settings());
  const auto reply = run(client, RedisCommand("GET").key("x")).value();
  ASSERT_EQ(reply.items.size(), 2U);
  EXPECT_EQ(reply.items[0].text, "hello");
  EXPECT_EQ(reply.items[1].items[0].number, 7);
  EXPECT_TRUE(reply.items[1].items[1].is_nil());
}

TEST(RedisFaults, WhatIsNoReplyClosesTheConnection) {
  std::string deep;
  for (int at = 0; at < 9; ++at) deep += "*1\r\n";
  for (const std::string& answer : {std::string("HTTP/1.1 400 Bad Request\r\n\r\n"), std::string("$abc\r\n"),
                                    deep, std::string("*-7\r\n"), std::string(":1x\r\n")}) {
    ScriptedRedis server(always(answer));
    RedisClient client(server.settings());
    const auto outcome = run(client, RedisCommand("GET").key("x"));
    ASSERT_TRUE(outcome.has_error()) << answer;
    EXPECT_EQ(outcome.error().code(), "redis_unavailable");
    EXPECT_NE(outcome.error().cause().find("unreadable"), std::string::npos) << outcome.error().cause();
    EXPECT_TRUE(test::becomes_true([&server] { return server.accepted() > 1; }));  // and it tries again
  }
}

TEST(RedisFaults, AReplyPastTheBoundsClosesTheConnection) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "its realloc copies the 64 MB at each step: minutes";
#endif
  ScriptedRedis big([](BlockingSocket& socket) {
    ScriptedRedis::greet(socket);
    static_cast<void>(socket.receive());
    socket.send("$100000000\r\n");
    const std::string part(1 << 20, 'x');
    for (int at = 0; at < 100 && socket.send(part); ++at) {
    }
  });
  auto patient = big.settings();
  patient.command_timeout = 60s;  // it is not about time
  RedisClient of_big(patient);
  EXPECT_NE(run(of_big, RedisCommand("GET").key("x")).error().cause().find("too big"), std::string::npos);

  ScriptedRedis many([](BlockingSocket& socket) {
    ScriptedRedis::greet(socket);
    static_cast<void>(socket.receive());
    std::string part;
    for (int at = 0; at < 10'000; ++at) part += ":1\r\n";
    socket.send("*2000000000\r\n");
    for (int at = 0; at < 200 && socket.send(part); ++at) {
    }
  });
  patient.port = many.settings().port;
  RedisClient of_many(patient);
  EXPECT_NE(run(of_many, RedisCommand("GET").key("x")).error().cause().find("too many parts"),
            std::string::npos);
}

TEST(RedisFaults, AnAnswerThatNobodyAskedForClosesTheConnection) {
  ScriptedRedis server(always("+OK\r\n+OK\r\n"));
  RedisClient client(server.settings());
  EXPECT_EQ(run(client, RedisCommand("SET").key("x").arg("1")).value().text, "OK");
  EXPECT_TRUE(test::becomes_true([&server] { return server.accepted() > 1; }));
}

TEST(RedisFaults, ACutConnectionFailsWhatWasSentAndSendsItToNobodyElse) {
  std::atomic<int> commands{0};
  ScriptedRedis server([&commands](BlockingSocket& socket) {
    ScriptedRedis::greet(socket);
    if (!socket.receive().empty()) ++commands;
    socket.reset();
  });
  RedisClient client(server.settings());
  const auto begun = Steady::now();
  const auto outcome = run(client, RedisCommand("INCR").key("x"));
  EXPECT_EQ(outcome.error().kind(), ErrorKind::unavailable);
  EXPECT_LT(Steady::now() - begun, 1s);
  EXPECT_TRUE(test::becomes_true([&server] { return server.accepted() > 1; }));
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(commands, 1);
}

TEST(RedisFaults, ASilentServerCostsTheTimeoutAndNoMoreThanTheBound) {
  ScriptedRedis server([](BlockingSocket& socket) {
    ScriptedRedis::greet(socket);
    while (!socket.ended()) static_cast<void>(socket.receive(50ms));
  });
  auto settings = server.settings();
  settings.waiting_max = 100;
  settings.command_timeout = 1s;
  RedisClient client(settings);
  EXPECT_TRUE(test::becomes_true([&client] { return client.is_connected(); }));

  // All that there is room for, each given up after 50 ms.
  boost::asio::io_context context(1);
  std::vector<std::optional<Result<RedisReply>>> outcomes(100);
  const auto begun = Steady::now();
  for (auto& outcome : outcomes) {
    boost::asio::co_spawn(context.get_executor(),
                          test::keep_outcome(client.run(RedisCommand("PING"), 50ms), outcome), test::rethrow);
  }
  context.run();
  const auto took = Steady::now() - begun;
  for (const auto& outcome : outcomes) EXPECT_EQ(outcome.value().error().cause(), "no answer in time");
  EXPECT_GE(took, 50ms);
  EXPECT_LT(took, 300ms);
  ::testing::Test::RecordProperty("given_up_after_ms", static_cast<int>(took / 1ms));

  // Their places are still taken: their answers may come yet.
  EXPECT_NE(await(client.run(RedisCommand("PING"), 50ms)).error().cause().find("too many"),
            std::string::npos);
  // After command_timeout the connection is dead, and there is room again.
  EXPECT_TRUE(test::becomes_true([&server] { return server.accepted() > 1; }));
  EXPECT_EQ(await(client.run(RedisCommand("PING"), 50ms)).error().cause().find("too many"),
            std::string::npos);
}

TEST(RedisFaults, AListenerThatNeverAnswersCostsTheConnectTimeoutOnce) {
  ScriptedRedis server([](BlockingSocket& socket) {
    while (!socket.ended()) static_cast<void>(socket.receive(50ms));
  });
  auto settings = server.settings();
  settings.connect_timeout = 200ms;
  RedisClient client(settings);
  auto begun = Steady::now();
  EXPECT_NE(run(client, RedisCommand("PING")).error().cause().find("no connection in time"),
            std::string::npos);
  EXPECT_LT(Steady::now() - begun, 600ms);
  begun = Steady::now();
  for (int at = 0; at < 100; ++at) EXPECT_TRUE(run(client, RedisCommand("PING")).has_error());
  EXPECT_LT(Steady::now() - begun, 2s);  // a tenth of what waiting would take
}

TEST(RedisFaults, ACallGivesUpWhileTheFirstConnectionIsBeingMade) {
  ScriptedRedis server([](BlockingSocket& socket) {
    while (!socket.ended()) static_cast<void>(socket.receive(50ms));
  });
  RedisClient client(server.settings());
  const auto begun = Steady::now();
  EXPECT_EQ(await(client.run(RedisCommand("PING"), 50ms)).error().cause(), "no answer in time");
  EXPECT_LT(Steady::now() - begun, 400ms);
}

TEST(RedisFaults, AServerThatCantServeForNowIsUnavailable) {
  for (const std::string code : {"LOADING", "READONLY", "MASTERDOWN", "OOM", "BUSY", "MISCONF", "CLUSTERDOWN",
                                 "TRYAGAIN", "NOREPLICAS", "NOPERM", "NOAUTH", "WRONGPASS"}) {
    ScriptedRedis server(always("-" + code + " for some reason\r\n"));
    RedisClient client(server.settings());
    const auto outcome = run(client, RedisCommand("SET").key("x").arg("1"));
    ASSERT_TRUE(outcome.has_error());
    EXPECT_EQ(outcome.error().code(), "redis_unavailable") << code;
    EXPECT_EQ(outcome.error().retry_after(), 1s);
    EXPECT_EQ(outcome.error().cause(), "Redis: " + code + " for some reason");
  }
}

TEST(RedisFaults, AReplicaIsLeftForWhoeverHasItsNameNow) {
  ScriptedRedis server(always("-READONLY You can't write against a read only replica.\r\n"));
  RedisClient client(server.settings());
  EXPECT_TRUE(run(client, RedisCommand("SET").key("x").arg("1")).has_error());
  EXPECT_TRUE(test::becomes_true([&server] { return server.accepted() > 1; }));
}

TEST(RedisFaults, EndlessRedirectionsEnd) {
  std::atomic<int> sent{0};
  ScriptedRedis* self = nullptr;
  ScriptedRedis server([&](BlockingSocket& socket) {
    ScriptedRedis::greet(socket);
    while (true) {
      const auto said = socket.receive();
      if (said.empty()) return;
      // Both kinds may come in one read, in either order.
      std::string answers;
      for (std::size_t at = 0; (at = said.find_first_of("GS", at)) != std::string::npos; ++at) {
        if (said.compare(at, 5, "SLOTS") == 0) answers += "*0\r\n";
        if (said.compare(at, 3, "GET") != 0) continue;
        ++sent;
        answers += "-MOVED 16287 :" + std::to_string(self->settings().port) + "\r\n";
      }
      socket.send(answers);
    }
  });
  self = &server;
  RedisClient client(server.settings());
  const auto outcome = run(client, RedisCommand("GET").key("x"));
  ASSERT_TRUE(outcome.has_error());
  EXPECT_NE(outcome.error().cause().find("too often"), std::string::npos) << outcome.error().cause();
  EXPECT_EQ(sent, 6);
}

TEST(RedisFaults, ThePasswordIsNeverInAnError) {
  ScriptedRedis server([](BlockingSocket& socket) {
    const auto said = socket.receive_until("PING\r\n");
    EXPECT_NE(said.find("AUTH\r\n$5\r\nrelay\r\n$7\r\nhunter2\r\n"), std::string::npos) << said;
    socket.send("-ERR unknown command `AUTH`, with args beginning with: `relay`, `hunter2`\r\n");
    static_cast<void>(socket.receive());
  });
  auto settings = server.settings();
  settings.user = "relay";
  settings.password = "hunter2";
  RedisClient client(settings);
  const auto outcome = run(client, RedisCommand("PING"));
  ASSERT_TRUE(outcome.has_error());
  EXPECT_NE(outcome.error().cause().find("AUTH is refused: ERR"), std::string::npos)
      << outcome.error().cause();
  EXPECT_EQ((outcome.error().message() + outcome.error().cause()).find("hunter2"), std::string::npos);
}

TEST(RedisFaults, WhatIsGivenAtOnceIsSentAtOnce) {
  std::atomic<std::size_t> reads{0};
  ScriptedRedis server([&reads](BlockingSocket& socket) {
    ScriptedRedis::greet(socket);
    std::size_t answered = 0;
    while (answered < 100) {
      const auto said = socket.receive();
      if (said.empty()) return;
      ++reads;
      std::string answers;
      for (std::size_t at = 0; (at = said.find("ECHO", at)) != std::string::npos; ++at, ++answered)
        answers += "+x\r\n";
      socket.send(answers);
    }
    static_cast<void>(socket.receive_all());
  });
  RedisClient client(server.settings());
  std::vector<RedisCommand> commands(100, RedisCommand("ECHO").arg("x"));
  EXPECT_EQ(await(client.run_all(std::move(commands))).value().size(), 100U);
  EXPECT_EQ(reads, 1U);
}

}  // namespace redis_faults_test
}  // namespace relay
