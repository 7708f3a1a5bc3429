// Real servers that die and come again, ask for a user, or speak TLS.
#include "redis/redis_under_test.h"

#include <gtest/gtest.h>

#include <csignal>

namespace relay {
namespace redis_servers_test {

using namespace std::chrono_literals;
using test::becomes_true;
using test::RedisServer;
using test::run;
using Steady = std::chrono::steady_clock;

int milliseconds_since(Steady::time_point begun) { return static_cast<int>((Steady::now() - begun) / 1ms); }

TEST(RedisServers, AKilledServerFailsCallsFastAndIsUsedAgainWhenItIsBack) {
  RedisServer server;
  RedisClient client(test::settings_of(server.port()));
  EXPECT_EQ(run(client, RedisCommand("SET").key("x").arg("kept")).value().text, "OK");
  server.kill();
  std::vector<int> took;
  for (int at = 0; at < 200; ++at) {
    const auto begun = Steady::now();
    EXPECT_EQ(run(client, RedisCommand("GET").key("x")).error().code(), "redis_unavailable");
    took.push_back(milliseconds_since(begun));
    if (at < 50) std::this_thread::sleep_for(5ms);
  }
  const int longest = *std::max_element(took.begin(), took.end());
  EXPECT_LT(longest, 100);
  EXPECT_FALSE(client.is_connected());
  server.start();
  const auto started = Steady::now();
  EXPECT_TRUE(becomes_true([&client] { return run(client, RedisCommand("GET").key("x")).has_value(); }));
  const int back = milliseconds_since(started);
  EXPECT_LT(back, 3000);
  EXPECT_EQ(run(client, RedisCommand("GET").key("x")).value().text, "kept");
  ::testing::Test::RecordProperty("longest_failure_ms", longest);
  ::testing::Test::RecordProperty("back_after_ms", back);
  std::printf("  longest failing call %d ms, back after %d ms\n", longest, back);
}

TEST(RedisServers, AConnectionThatTheServerClosesIsMadeAnewWithoutAFailure) {
  RedisServer server;
  RedisClient client(test::settings_of(server.port()));
  EXPECT_TRUE(run(client, RedisCommand("PING")).has_value());
  std::this_thread::sleep_for(1100ms);  // a connection that lived well
  EXPECT_EQ(server.say("CLIENT KILL TYPE normal"), ":2");
  std::this_thread::sleep_for(20ms);
  EXPECT_TRUE(run(client, RedisCommand("PING")).has_value());
}

TEST(RedisServers, AUserSignsInAndAWrongPasswordIsUnavailable) {
  RedisServer server(
      {"--requirepass", "of-the-default", "--user", "relay", "on", ">hunter2", "~*", "&*", "+@all"});
  auto settings = test::settings_of(server.port());
  settings.user = "relay";
  settings.password = "hunter2";
  settings.database = 2;
  RedisClient client(settings);
  EXPECT_EQ(run(client, RedisCommand("ACL").arg("WHOAMI")).value().text, "relay");
  EXPECT_EQ(run(client, RedisCommand("CLIENT").arg("GETNAME")).value().text, "claude-relay");
  EXPECT_NE(run(client, RedisCommand("CLIENT").arg("INFO")).value().text.find(" db=2 "), std::string::npos);

  settings.password = "hunter3";
  RedisClient wrong(settings);
  const auto refused = run(wrong, RedisCommand("PING"));
  EXPECT_EQ(refused.error().kind(), ErrorKind::unavailable);
  EXPECT_NE(refused.error().cause().find("WRONGPASS"), std::string::npos) << refused.error().cause();

  settings.user.clear();
  settings.password = "of-the-default";
  RedisClient by_password(settings);
  EXPECT_EQ(run(by_password, RedisCommand("ACL").arg("WHOAMI")).value().text, "default");

  settings.password.clear();
  RedisClient nobody(settings);
  EXPECT_NE(run(nobody, RedisCommand("PING")).error().cause().find("NOAUTH"), std::string::npos);
}

TEST(RedisServers, ADatabaseThatIsNotThereIsToldInTheServersWords) {
  RedisServer server;
  auto settings = test::settings_of(server.port());
  settings.database = 99;
  RedisClient client(settings);
  const auto cause = run(client, RedisCommand("PING")).error().cause();
  EXPECT_NE(cause.find("SELECT is refused: ERR DB index is out of range"), std::string::npos) << cause;
}

TEST(RedisServers, AUserOfFewRightsIsGoodEnough) {
  RedisServer server({"--user", "few", "on", ">pw", "~few:*", "+get", "+set"});
  auto settings = test::settings_of(server.port());
  settings.user = "few";
  settings.password = "pw";
  RedisClient client(settings);
  EXPECT_EQ(run(client, RedisCommand("SET").key("few:x").arg("1")).value().text, "OK");
  EXPECT_EQ(run(client, RedisCommand("DEL").key("few:x")).error().code(), "redis_unavailable");
}

TEST(RedisServers, TlsIsVerified) {
  const auto server = RedisServer::with_tls();
  auto settings = test::settings_of(server->port());
  settings.tls = true;
  settings.command_timeout = 60s;  // the sanitizers are slow
  settings.ca_file = server->ca_file();
  {
    RedisClient client(settings);
    EXPECT_EQ(run(client, RedisCommand("ECHO").arg("over TLS")).value().text, "over TLS");
    const std::string big(3'000'000, 'b');
    EXPECT_EQ(run(client, RedisCommand("SET").key("big").arg(big)).value().text, "OK");
    EXPECT_EQ(run(client, RedisCommand("GET").key("big")).value().text, big);
    std::vector<RedisCommand> commands;
    for (int at = 0; at < 5000; ++at)
      commands.push_back(RedisCommand("ECHO").arg(static_cast<std::int64_t>(at)));
    const auto replies = test::await(client.run_all(std::move(commands))).value();
    for (std::size_t at = 0; at < 5000; ++at) ASSERT_EQ(replies[at].text, std::to_string(at));
  }
  settings.host = "localhost";  // the certificate is for 127.0.0.1
  RedisClient misnamed(settings);
  EXPECT_NE(run(misnamed, RedisCommand("PING")).error().cause().find("ostname mismatch"), std::string::npos)
      << run(misnamed, RedisCommand("PING")).error().cause();
  settings.host = "127.0.0.1";
  settings.ca_file.clear();
  RedisClient trustless(settings);
  EXPECT_NE(run(trustless, RedisCommand("PING")).error().cause().find("self-signed"), std::string::npos)
      << run(trustless, RedisCommand("PING")).error().cause();
  settings.ca_file = "/nonexistent";
  EXPECT_THROW(RedisClient(settings).is_connected(), std::runtime_error);
}

TEST(RedisServers, PlainTcpToATlsServerAndTheOtherWayRound) {
  const auto server = RedisServer::with_tls();
  auto settings = test::settings_of(server->port());
  RedisClient plain(settings);
  EXPECT_EQ(run(plain, RedisCommand("PING")).error().kind(), ErrorKind::unavailable);
  auto other = test::settings_of(test::shared_redis().port());
  other.tls = true;
  other.connect_timeout = 500ms;
  RedisClient secure(other);
  EXPECT_EQ(run(secure, RedisCommand("PING")).error().kind(), ErrorKind::unavailable);
}

// Notes what a subscription says, from the client's thread.
class Heard {
 public:
  RedisClient::Subscription subscription() {
    return {.on_message = [this](std::string_view message) { note("message " + std::string(message)); },
            .on_subscribed = [this] { note("subscribed"); },
            .on_lost = [this] { note("lost"); }};
  }
  std::vector<std::string> all() const {
    const std::lock_guard lock(mutex_);
    return all_;
  }
  bool becomes(const std::vector<std::string>& wanted) const {
    return becomes_true([&] { return all() == wanted; });
  }

 private:
  void note(std::string what) {
    const std::lock_guard lock(mutex_);
    all_.push_back(std::move(what));
  }
  mutable std::mutex mutex_;
  std::vector<std::string> all_;
};

TEST(RedisSubscription, SurvivesARestartAndReportsIt) {
  RedisServer server;
  RedisClient client(test::settings_of(server.port()));
  Heard heard;
  client.subscribe("news", heard.subscription());
  ASSERT_TRUE(heard.becomes({"subscribed"}));
  EXPECT_EQ(run(client, RedisCommand("PUBLISH").arg("news").arg("one")).value().number, 1);
  ASSERT_TRUE(heard.becomes({"subscribed", "message one"}));
  server.kill();
  ASSERT_TRUE(heard.becomes({"subscribed", "message one", "lost"}));
  server.start();
  ASSERT_TRUE(heard.becomes({"subscribed", "message one", "lost", "subscribed"}));
  EXPECT_TRUE(becomes_true([&client] { return client.is_connected(); }));
  EXPECT_EQ(run(client, RedisCommand("PUBLISH").arg("news").arg("two")).value().number, 1);
  ASSERT_TRUE(heard.becomes({"subscribed", "message one", "lost", "subscribed", "message two"}));
  client.stop();
}

TEST(RedisSubscription, NoticesALinkThatOnlyLooksAlive) {
  RedisServer server;
  RedisClient client(test::settings_of(server.port()));
  Heard heard;
  client.subscribe("news", heard.subscription());
  ASSERT_TRUE(heard.becomes({"subscribed"}));
  server.process().send(SIGSTOP);
  const auto begun = Steady::now();
  ASSERT_TRUE(heard.becomes({"subscribed", "lost"}));
  const int lost = milliseconds_since(begun);
  EXPECT_LT(lost, 5000);
  server.process().send(SIGCONT);
  ASSERT_TRUE(heard.becomes({"subscribed", "lost", "subscribed"}));
  std::printf("  lost after %d ms of silence\n", lost);
  client.stop();
}

}  // namespace redis_servers_test
}  // namespace relay
