// What the usage store keeps record by record: lists, shares and retention.
#include "metering/records.h"
#include "store/store_contract.h"

namespace relay::test {
namespace usage_records_test {

using namespace std::chrono_literals;

class UsageRecordsContract : public StoreContract {
 protected:
  UsageStore& usage() { return store_->usage(); }

  // `count` records, an hour apart from `from` on.
  void put(int first, int count, WallTime from, const std::string& user = "usr_1",
           const std::string& key = "key_1") {
    std::vector<UsageRecord> records;
    for (int n = 0; n < count; ++n) {
      auto record = a_record(first + n, from + n * 1h);
      record.user_id = user;
      record.key_id = key;
      record.duration_ms = n + 1;
      records.push_back(std::move(record));
    }
    ASSERT_TRUE(await(usage().append("node_1", batch_of(sequence_ + 1, records))).has_value());
    sequence_ += count;
  }
  UsageShares shares(UsageDimension by, std::optional<std::string> user = std::nullopt, int limit = 100) {
    UsageSharesQuery query{
        .user_id = std::move(user), .from = midnight_, .to = midnight_ + 24h * 7, .by = by, .limit = limit};
    return await(usage().shares(std::move(query))).value();
  }

  std::int64_t sequence_ = 0;
  const WallTime midnight_{std::chrono::sys_days(std::chrono::year(2026) / 3 / 1)};
};

TEST_P(UsageRecordsContract, SharesAreSumsOfEachDearestFirst) {
  put(1, 2, midnight_);
  put(3, 3, midnight_ + 24h, "usr_2", "key_2");
  put(6, 1, midnight_ - 1h);  // the day before
  const auto by_user = shares(UsageDimension::user);
  ASSERT_EQ(by_user.shares.size(), 2U);
  EXPECT_EQ(by_user.shares[0].name, "usr_2");
  EXPECT_EQ(by_user.shares[0].totals.requests, 3);
  EXPECT_EQ(by_user.shares[0].totals.cost_nano_usd, 30'000'000);
  EXPECT_EQ(by_user.shares[0].totals.usage.input_tokens, 3000);
  EXPECT_EQ(by_user.shares[1].totals.requests, 2);
  EXPECT_EQ(by_user.totals.requests, 5);

  const auto cut = shares(UsageDimension::key, std::nullopt, 1);
  ASSERT_EQ(cut.shares.size(), 1U);
  EXPECT_EQ(cut.shares[0].name, "key_2");
  EXPECT_EQ(cut.totals.requests, 5) << "also what was cut off";
  const auto one = shares(UsageDimension::model, "usr_1");
  ASSERT_EQ(one.shares.size(), 1U);
  EXPECT_EQ(one.shares[0].name, a_record(1).model);
  EXPECT_EQ(one.totals.requests, 2);
  EXPECT_TRUE(shares(UsageDimension::user, "usr_0").shares.empty());
}

TEST_P(UsageRecordsContract, ListsTheNewestOfOnesOwn) {
  put(1, 3, midnight_);
  put(4, 1, midnight_, "usr_2", "key_2");
  auto newest = await(usage().list_newest("usr_1", WallTime::max(), 2)).value();
  ASSERT_EQ(newest.size(), 2U);
  EXPECT_EQ(newest[0].attempt_id, "att_3");
  newest = await(usage().list_newest("usr_1", newest[1].started_at, 2)).value();
  ASSERT_EQ(newest.size(), 1U);
  EXPECT_EQ(newest[0].attempt_id, "att_1");
}

TEST_P(UsageRecordsContract, DeletesTheOldestInBatchesAndKeepsTheTotals) {
  put(1, 5, midnight_);
  const auto before = midnight_ + 3h;
  EXPECT_EQ(await(usage().delete_oldest(before, 2)).value(), 2);
  EXPECT_EQ(await(usage().delete_oldest(before, 2)).value(), 1);
  EXPECT_EQ(await(usage().delete_oldest(before, 2)).value(), 0);
  EXPECT_EQ(await(usage().list_newest("usr_1", WallTime::max(), 10)).value().size(), 2U);
  EXPECT_EQ(shares(UsageDimension::user).totals.requests, 5);
  EXPECT_TRUE(await(usage().find_by_any_id("usr_1", "req_1")).value().empty());
  EXPECT_EQ(await(usage().find_by_any_id("usr_1", "req_5")).value().size(), 1U);
  put(6, 1, midnight_ + 5h);
  EXPECT_EQ(await(usage().find_by_any_id("usr_1", "req_6")).value().size(), 1U);
}

TEST_P(UsageRecordsContract, PercentilesAreNearestRanks) {
  put(1, 20, midnight_);  // 1 to 20 ms
  UsageQuery query{.user_id = "usr_1", .from = midnight_, .to = midnight_ + 24h};
  auto report = await(usage().report(query)).value();
  EXPECT_EQ(report.duration.p50_ms, 10);
  EXPECT_EQ(report.duration.p90_ms, 18);
  EXPECT_EQ(report.duration.p95_ms, 19);
  EXPECT_EQ(report.duration.p99_ms, 20);
  query.with_latency = false;
  report = await(usage().report(query)).value();
  EXPECT_EQ(report.totals.requests, 20);
  EXPECT_EQ(report.duration.p99_ms, 0);
}

RELAY_EVERY_STORE(UsageRecordsContract);

}  // namespace usage_records_test
}  // namespace relay::test
