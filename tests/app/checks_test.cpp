#include "app/checks.h"

#include "app/run_task.h"
#include "app/stores.h"
#include "fakes/fixed_clock.h"
#include "simulate/simulator.h"
#include "store/temporary_folder.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace relay {
namespace checks_test {

using State = Check::State;

Settings settings_with(const SettingTexts& texts) { return parse_settings(texts).value(); }

bool has(const std::vector<Check>& checks, State state, std::string_view words) {
  return std::any_of(checks.begin(), checks.end(), [&](const Check& check) {
    return check.state == state && check.words.find(words) != std::string::npos;
  });
}

TEST(Doctor, SaysHowToMendWhatItFinds) {
  const auto settings = settings_with({{"DATA_DIR", "/proc/nowhere"}, {"CLIENT_API_HOST", "192.0.2.1"}});
  const auto folders = check_folders(settings);
  EXPECT_EQ(folders.at(0).state, State::failed);
  EXPECT_NE(folders.at(0).mend.find("DATA_DIR"), std::string::npos);
  const auto port = check_port(settings);
  EXPECT_EQ(port.state, State::failed);
  EXPECT_FALSE(port.mend.empty());
}

TEST(Doctor, WarnsOfKeysInClearText) {
  EXPECT_TRUE(
      has(check_settings(settings_with({{"CLIENT_API_HOST", "0.0.0.0"}})), State::warning, "without TLS"));
  EXPECT_FALSE(has(check_settings(settings_with({})), State::warning, "without TLS"));
}

TEST(Doctor, NamesABrokenCertificate) {
  const auto checks =
      check_settings(settings_with({{"TLS_CERT_FILE", "/none.pem"}, {"TLS_KEY_FILE", "/none.key"}}));
  EXPECT_TRUE(
      std::any_of(checks.begin(), checks.end(), [](const auto& c) { return c.state == State::failed; }));
}

TEST(Doctor, SeesAPortThatIsTaken) {
  const int taken = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{
      .sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  socklen_t length = sizeof address;
  ASSERT_EQ(::bind(taken, reinterpret_cast<sockaddr*>(&address), length), 0);
  ASSERT_EQ(::listen(taken, 1), 0);
  ::getsockname(taken, reinterpret_cast<sockaddr*>(&address), &length);
  const auto port = std::to_string(ntohs(address.sin_port));
  EXPECT_EQ(check_port(settings_with({{"CLIENT_API_PORT", port}})).state, State::warning);
  ::close(taken);
  EXPECT_EQ(check_port(settings_with({{"CLIENT_API_PORT", port}})).state, State::good);
}

TEST(Doctor, TellsAnEmptyAMigratedAndAnOldStoreApart) {
  const test::TemporaryFolder folder;
  const test::FixedClock clock;
  const auto settings = settings_with({{"DATA_DIR", folder.file("")}});
  EXPECT_EQ(check_store(settings).state, State::warning);
  auto stores = open_stores(settings);
  ASSERT_TRUE(run_task(stores->migrate(clock.now(), std::nullopt)).has_value());
  EXPECT_EQ(check_store(settings).state, State::good);
  ASSERT_TRUE(run_task(stores->rollback(std::nullopt)).has_value());
  const auto old = check_store(settings);
  EXPECT_EQ(old.state, State::failed);
  EXPECT_NE(old.mend.find("claude-relay migrate"), std::string::npos);
}

TEST(Doctor, AsksTheProviderWithTheKey) {
  Simulator::Settings wanted;
  wanted.required_key = "sk-right";
  Simulator simulator(wanted);
  simulator.start();
  const auto url = "http://127.0.0.1:" + std::to_string(simulator.port());
  const SystemClock clock;
  const auto with_key = [&](const char* key) {
    return check_upstreams(settings_with({{"ANTHROPIC_BASE_URL", url}, {"ANTHROPIC_API_KEY", key}}), clock);
  };
  EXPECT_TRUE(has(with_key("sk-right"), State::good, "answers 200"));
  EXPECT_TRUE(has(with_key("sk-wrong"), State::failed, "refuses the key"));
  simulator.stop();
  EXPECT_TRUE(has(with_key("sk-right"), State::failed, "127.0.0.1"));
}

TEST(Doctor, SeesAClockThatIsOff) {
  Simulator simulator({});
  simulator.start();
  const auto url = "http://127.0.0.1:" + std::to_string(simulator.port());
  const auto settings = settings_with({{"OPENAI_BASE_URL", url}, {"OPENAI_API_KEY", "sk-x"}});
  const test::FixedClock clock;  // months behind
  EXPECT_TRUE(has(check_upstreams(settings, clock), State::failed, "openai's"));
  EXPECT_TRUE(has(check_upstreams(settings, SystemClock()), State::good, "openai's"));
}

}  // namespace checks_test
}  // namespace relay
