#include "jobs/notice_job.h"

#include "jobs/schedule.h"
#include "metering/records.h"
#include "service/services_under_test.h"

#include <future>

namespace relay::test {
namespace notice_job_test {

using namespace std::chrono_literals;

class NoticeJobTest : public ServicesUnderTest, public testing::Test {
 protected:
  NoticeJobTest() : user_(a_user("anna").user) {}

  void put_key(const std::string& name, std::optional<std::chrono::milliseconds> expires_in) {
    ApiKeyChanges fields;
    fields.name = ApiKeyName::parse(name).value();
    if (expires_in) fields.expires_at = clock.now() + *expires_in;
    ASSERT_TRUE(await(keys.create(as(user_.id), fields)).has_value());
  }
  std::vector<std::string> titles(const std::string& kind) {
    std::vector<std::string> titles;
    const auto page = await(notifications.list(user_.id, false, {.limit = 200}));
    for (const auto& each : page.value().items) {
      if (each.kind == kind) titles.push_back(each.title);
    }
    return titles;
  }
  void use(std::int64_t requests, std::int64_t tokens_each) {
    const auto first = sequence_ + 1;
    std::vector<UsageRecord> records;
    for (std::int64_t i = 0; i < requests; ++i) {
      auto record = a_record(static_cast<int>(++sequence_), clock.now());
      record.user_id = user_.id;
      record.key_id = "key_1";
      record.usage = {};
      record.usage.output_tokens = tokens_each;
      records.push_back(std::move(record));
    }
    ASSERT_TRUE(await(store->usage().append("node_1", batch_of(first, records))).has_value());
  }
  void look_at_keys() { ASSERT_TRUE(await(job_.look_at_keys(going_on_)).has_value()); }
  void look_at_limits() { ASSERT_TRUE(await(job_.look_at_limits(going_on_)).has_value()); }
  using Titles = std::vector<std::string>;

  User user_;
  std::int64_t sequence_ = 0;
  const std::atomic<bool> going_on_{false};
  NoticeJob job_{{.keys = store->keys(),
                  .usage = store->usage(),
                  .users = store->users(),
                  .plans = store->plans(),
                  .notifications = notifications,
                  .clock = clock}};
};

TEST_F(NoticeJobTest, TellsOnceOfEachKeyThatExpiresWithinAWeek) {
  put_key("soon", 24h * 3);
  put_key("later", 24h * 10);
  put_key("never", std::nullopt);
  look_at_keys();
  look_at_keys();
  EXPECT_EQ(titles("key_expiring"), Titles{"API key soon expires soon"});
  clock.advance(24h * 4);  // "soon" is over, "later" is near
  look_at_keys();
  EXPECT_EQ(titles("key_expiring").size(), 2U);
}

TEST_F(NoticeJobTest, TellsOfALimitAtEachThresholdOnce) {
  look_at_limits();
  EXPECT_EQ(titles("limit_near"), Titles{});
  use(79, 1000);  // of 100,000 tokens a month, on the free plan
  look_at_limits();
  EXPECT_EQ(titles("limit_near"), Titles{});
  use(1, 1000);
  look_at_limits();
  look_at_limits();
  EXPECT_EQ(titles("limit_near"), Titles{"80 % of your monthly token limit are used"});
  clock.advance(1ms);  // newest first is by time
  use(20, 1000);
  look_at_limits();
  EXPECT_EQ(titles("limit_near").size(), 2U);
  EXPECT_EQ(titles("limit_near")[0], "100 % of your monthly token limit are used");
  clock.advance(24h * 40);
  look_at_limits();
  EXPECT_EQ(titles("limit_near").size(), 2U);
}

TEST_F(NoticeJobTest, CountsTheRequestsOfTheDay) {
  use(800, 0);  // of 1,000 a day
  look_at_limits();
  EXPECT_EQ(titles("limit_near"), Titles{"80 % of your daily request limit are used"});
}

TEST(Schedule, RunsEveryJobAtTheStartAndEndsWhenTold) {
  SystemClock clock;
  std::promise<void> first;
  std::promise<void> second;
  const auto once = [](std::promise<void>& done) {
    return [&done](const std::atomic<bool>&) -> Task<> {
      done.set_value();
      return [](Result<> nothing) -> Task<> { co_return nothing; }(ok);
    };
  };
  std::vector<Job> jobs;
  jobs.push_back({.name = "one", .every = std::chrono::hours(1), .run = once(first)});
  jobs.push_back({.name = "two", .every = std::chrono::hours(1), .run = once(second)});
  Schedule schedule(std::move(jobs), clock);
  schedule.start();
  EXPECT_EQ(first.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_EQ(second.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
  schedule.stop();
}

}  // namespace notice_job_test
}  // namespace relay::test
