#include "metering/quota_history.h"

#include "async/wakeup.h"
#include "fakes/await.h"
#include "fakes/fixed_clock.h"
#include "metering/fake_usage_store.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>

#include <thread>
#include <vector>

namespace relay::test {
namespace quota_history_test {

class QuotaHistoryTest : public testing::Test {
 protected:
  QuotaHistoryTest() {
    store_.told.totals.requests = 3;
    store_.told.totals.charge_nano_usd = 50;
    store_.report_waits = [this] { return gate_.wait(); };
  }

  Awaitable<void> ask(std::string user_id, std::string key_id, WallTime from) {
    auto asked = history_.sums(std::move(user_id), std::move(key_id), from);
    auto sums = co_await std::move(asked);
    if (sums.has_value() && sums->requests == 3 && sums->nano_usd == 50) ++told_;
    if (sums.has_error() && sums.error().kind() == ErrorKind::unavailable) ++refused_;
  }
  void begin(std::string user_id, std::string key_id = "", std::chrono::hours ago = std::chrono::hours(24)) {
    boost::asio::co_spawn(context_.get_executor(),
                          ask(std::move(user_id), std::move(key_id), clock_.now() - ago), rethrow);
  }
  void turn() {
    context_.restart();
    context_.poll();
  }

  FixedClock clock_;
  boost::asio::io_context context_{1};
  Wakeup gate_{context_.get_executor()};
  FakeUsageStore store_;
  StoredQuotaHistory history_{store_, clock_};
  std::atomic<int> told_{0};
  int refused_ = 0;
};

TEST_F(QuotaHistoryTest, OfFortyWhoAskAtOnceOneAsksTheStore) {
  for (int i = 0; i < 40; ++i) begin("usr_1");
  turn();
  EXPECT_EQ(store_.reports, 1);
  EXPECT_EQ(told_, 0);
  gate_.wake();
  turn();
  EXPECT_EQ(store_.reports, 1);
  EXPECT_EQ(told_, 40);

  store_.report_waits = nullptr;
  begin("usr_1");
  turn();
  EXPECT_EQ(store_.reports, 2) << "what was read before is not kept";
  EXPECT_EQ(told_, 41);
}

// Stores read whole days of UTC from their roll-ups, and what is left of one from its rows: as many of those
// as the windows of a zone far from UTC need, and never those of all its day.
TEST_F(QuotaHistoryTest, ReadsWholeDaysAndAtMostHalfOfTheFirstOnesRows) {
  clock_.advance(std::chrono::hours(17) + std::chrono::minutes(20));
  const WallTime today = std::chrono::floor<std::chrono::days>(clock_.now());
  std::chrono::milliseconds of_rows{};
  // One call each hour of the last days, and each costs 7.
  store_.tell = [&](const UsageQuery& query) {
    EXPECT_EQ(query.key_id, "key_1");
    const WallTime first_day = std::chrono::ceil<std::chrono::days>(query.from);
    const WallTime end_day = std::chrono::floor<std::chrono::days>(query.to);
    of_rows += first_day >= end_day ? query.to - query.from : (first_day - query.from) + (query.to - end_day);
    UsageReport report;
    for (auto at = today - std::chrono::days(5); at <= clock_.now(); at += std::chrono::hours(1)) {
      if (at < query.from || at >= query.to) continue;
      ++report.totals.requests;
      report.totals.charge_nano_usd += 7;
      report.totals.usage.input_tokens += 2;
    }
    return report;
  };
  store_.report_waits = nullptr;
  for (const int hour : {0, 1, 5, 11, 12, 13, 20, 23}) {
    for (const int day : {0, 1, 4}) {
      const auto from = today - std::chrono::days(day) + std::chrono::hours(hour);
      if (from > clock_.now()) continue;
      of_rows = {};
      QuotaSums sums;
      boost::asio::co_spawn(
          context_.get_executor(),
          [&]() -> Awaitable<void> { sums = (co_await history_.sums("usr_1", "key_1", from)).value(); },
          rethrow);
      turn();
      const auto calls = (clock_.now() - from) / std::chrono::hours(1) + 1;
      EXPECT_EQ(sums.requests, calls) << hour << " h, " << day << " days ago";
      EXPECT_EQ(sums.nano_usd, calls * 7);
      EXPECT_EQ(sums.tokens, calls * 2);
      EXPECT_EQ(of_rows, std::chrono::hours(std::min(hour, 24 - hour)) % std::chrono::hours(24));
    }
  }
}

TEST_F(QuotaHistoryTest, OtherSumsAreReadByThemselves) {
  store_.report_waits = nullptr;
  begin("usr_1");
  begin("usr_1", "key_1");
  begin("usr_1", "", std::chrono::hours(48));
  begin("usr_2");
  turn();
  EXPECT_EQ(store_.reports, 4);
  EXPECT_EQ(told_, 4);
}

TEST_F(QuotaHistoryTest, AFailureIsToldToAllWhoWaitAndTheNextAsksAgain) {
  store_.is_away = true;
  for (int i = 0; i < 5; ++i) begin("usr_1");
  turn();
  gate_.wake();
  turn();
  EXPECT_EQ(store_.reports, 1);
  EXPECT_EQ(refused_, 5);
  store_.is_away = false;
  store_.report_waits = nullptr;
  begin("usr_1");
  turn();
  EXPECT_EQ(store_.reports, 2);
  EXPECT_EQ(told_, 1);
}

TEST_F(QuotaHistoryTest, ThoseOfOtherThreadsWaitForTheSameReading) {
  begin("usr_1");
  turn();
  ASSERT_EQ(store_.reports, 1);
  constexpr int kThreads = 4;
  std::vector<std::unique_ptr<boost::asio::io_context>> contexts;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    contexts.push_back(std::make_unique<boost::asio::io_context>(1));
    auto& context = *contexts.back();
    boost::asio::co_spawn(context.get_executor(), ask("usr_1", "", clock_.now() - std::chrono::hours(24)),
                          rethrow);
    context.poll();  // it waits by now; the thread takes over
    threads.emplace_back([&context, guard = boost::asio::make_work_guard(context)]() mutable {
      context.restart();
      context.run_one();
      guard.reset();
      context.run();
    });
  }
  gate_.wake();
  turn();
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(store_.reports, 1);
  EXPECT_EQ(told_, kThreads + 1);
}

}  // namespace quota_history_test
}  // namespace relay::test
