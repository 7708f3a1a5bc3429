#include "observe/log.h"

#include "store/temporary_folder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

namespace relay {
namespace log_test {

class LogFile : public ::testing::Test {
 protected:
  void start(LogFormat format, LogLevel level = LogLevel::info) {
    start_logging({.level = level, .format = format, .folder = folder_.file("logs"), .to_stderr = false});
  }
  ~LogFile() override { stop_logging(); }

  /// Ends the log, so that all of it is in the file.
  std::string text() {
    stop_logging();
    std::ifstream file(folder_.file("logs/claude-relay-current.log"));
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  test::TemporaryFolder folder_;
};

TEST_F(LogFile, HasTimeLevelComponentAndFields) {
  start(LogFormat::text);
  log_info("net", "listening", {{"port", 3001}, {"host", "127.0.0.1"}, {"tls", false}});
  const auto line = text();
  EXPECT_NE(line.find("Z info    net      listening port=3001 host=127.0.0.1 tls=false\n"), std::string::npos)
      << line;
}

TEST_F(LogFile, HasTheRequestIdOnEveryLine) {
  start(LogFormat::text);
  const std::string id = "req_1";
  const RequestLog log("relay", id);
  log.info("one");
  log.warning("two", {{"attempt", 1}});
  const auto lines = text();
  EXPECT_NE(lines.find("one request_id=req_1\n"), std::string::npos) << lines;
  EXPECT_NE(lines.find("two request_id=req_1 attempt=1\n"), std::string::npos) << lines;
}

TEST_F(LogFile, IsJsonWhenAskedFor) {
  start(LogFormat::json);
  log_error("store", "a \"quoted\"\nword", {{"seconds", 1.5}, {"count", std::uint64_t{7}}});
  const auto line = text();
  EXPECT_NE(
      line.find(
          R"(","level":"error","component":"store","message":"a \"quoted\"\nword","seconds":1.5,"count":7})"),
      std::string::npos)
      << line;
}

TEST_F(LogFile, NeverHasASecret) {
  start(LogFormat::json);
  log_info("api", "refused sk-ant-0123456789", {{"body", R"({"password":"hunter2"})"}, {"token", "plain"}});
  const auto line = text();
  for (const char* secret : {"0123456789", "hunter2", "plain"})
    EXPECT_EQ(line.find(secret), std::string::npos) << line;
}

TEST_F(LogFile, CannotBeForgedByALineBreak) {
  start(LogFormat::text);
  log_info("api", "refused", {{"agent", "x\n2026-01-01T00:00:00.000Z error forged"}});
  const auto lines = text();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 1) << lines;
}

TEST_F(LogFile, TakesNothingBelowItsLevel) {
  start(LogFormat::text, LogLevel::warning);
  EXPECT_FALSE(logs(LogLevel::info));
  log_info("api", "quiet");
  log_warning("api", "loud");
  const auto lines = text();
  EXPECT_EQ(lines.find("quiet"), std::string::npos);
  EXPECT_NE(lines.find("loud"), std::string::npos);
}

TEST_F(LogFile, LosesNoLineOfManyThreadsWhileThereIsRoom) {
  start_logging({.folder = folder_.file("logs"), .to_stderr = false, .queue_lines = 5000});
  const auto before = log_counters();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int n = 0; n < 1000; ++n) log_info("test", "line", {{"n", n}});
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(log_counters().lines - before.lines, 4000U);
  EXPECT_EQ(log_counters().dropped, before.dropped);
  const auto lines = text();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 4000);
}

TEST(Log, FallsSilentlyWhenItWasNotStarted) {
  stop_logging();
  log_error("test", "nobody hears it");
  EXPECT_FALSE(logs(LogLevel::error));
}

TEST(Log, SaysWhyItCannotStart) {
  EXPECT_THROW(start_logging({.folder = "/proc/no/such/folder"}), std::runtime_error);
}

}  // namespace log_test
}  // namespace relay
