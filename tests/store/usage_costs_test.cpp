// Costs of stored usage that are put right later.
#include "metering/records.h"
#include "store/store_contract.h"

#include <algorithm>
#include <map>

namespace relay::test {
namespace usage_costs_test {

using namespace std::chrono_literals;

class UsageCostsContract : public StoreContract {
 protected:
  UsageStore& usage() { return store_->usage(); }

  void put(const std::vector<UsageRecord>& records) {
    ASSERT_TRUE(await(usage().append("node_1", batch_of(sequence_ + 1, records))).has_value());
    sequence_ += std::ssize(records);
  }
  std::int64_t change(std::vector<CostChange> changes) {
    const auto changed = await(usage().change_costs(std::move(changes)));
    EXPECT_TRUE(changed.has_value()) << changed.error().cause();
    return changed.has_value() ? *changed : -1;
  }
  std::vector<std::string> between(WallTime from, WallTime to, int limit) {
    std::vector<std::string> attempts;
    std::string place;
    do {
      auto page = await(usage().read_records_between(from, to, place, limit)).value();
      EXPECT_LE(page.records.size(), static_cast<std::size_t>(limit));
      for (const auto& record : page.records) attempts.push_back(record.attempt_id);
      place = page.place;
    } while (!place.empty());
    std::ranges::sort(attempts);
    return attempts;
  }
  UsageRecord row(const std::string& attempt, const std::string& user = "usr_1") {
    return await(usage().find_by_any_id(user, attempt)).value().at(0);
  }
  UsageTotals day(WallTime start, const std::string& user = "usr_1") {
    UsageQuery query{.user_id = user, .from = start, .to = start + 24h};
    return await(usage().report(std::move(query))).value().totals;
  }
  using Attempts = std::vector<std::string>;

  std::int64_t sequence_ = 0;
  const WallTime midnight_{std::chrono::sys_days(std::chrono::year(2026) / 3 / 1)};
};

TEST_P(UsageCostsContract, ReadsWhatBeganBetweenTwoMomentsOnceInPages) {
  std::vector<UsageRecord> records;
  for (int n = 0; n < 60; ++n) {  // of many users, in no order of time, some at one moment
    auto record = a_record(100 + n, midnight_ + (n * 7 % 20) * 1h);
    record.user_id = "usr_" + std::to_string(n % 9);
    records.push_back(std::move(record));
  }
  put(records);
  Attempts expected;
  for (const auto& record : records) {
    if (record.started_at >= midnight_ + 3h && record.started_at < midnight_ + 15h)
      expected.push_back(record.attempt_id);
  }
  ASSERT_EQ(expected.size(), 36U);
  for (const int limit : {1, 7, 1'000}) EXPECT_EQ(between(midnight_ + 3h, midnight_ + 15h, limit), expected);
  EXPECT_EQ(between(midnight_ + 20h, midnight_ + 90h, 10), Attempts{});
}

TEST_P(UsageCostsContract, ChangesRowsAndTheDaysThatTheyAreIn) {
  put_user("usr_1");
  put_key(a_key("key_1", "usr_1"));
  auto of_another = a_record(4, midnight_);
  of_another.user_id = "usr_2";
  of_another.key_id = "key_2";
  auto later = a_record(3, midnight_ + 24h);
  later.model = "gpt-5";
  put({a_record(1, midnight_), a_record(2, midnight_ + 1h), later, of_another});

  EXPECT_EQ(change({{a_record(1, midnight_), 12'000'000}, {later, 1}, {of_another, 0}}), 3);
  EXPECT_EQ(row("att_1").cost_nano_usd, 12'000'000);
  EXPECT_EQ(row("att_2").cost_nano_usd, 10'000'000);
  EXPECT_EQ(row("att_3").cost_nano_usd, 1);
  EXPECT_EQ(row("att_4", "usr_2").cost_nano_usd, 0);
  EXPECT_EQ(day(midnight_).cost_nano_usd, 22'000'000);
  EXPECT_EQ(day(midnight_).charge_nano_usd, 20'000'000);
  EXPECT_EQ(day(midnight_).requests, 2);
  EXPECT_EQ(day(midnight_ + 24h).cost_nano_usd, 1);
  EXPECT_EQ(day(midnight_, "usr_2").cost_nano_usd, 0);
  // From the rows themselves.
  UsageQuery hourly{.user_id = "usr_1", .from = midnight_, .to = midnight_ + 30h};
  hourly.granularity = UsageGranularity::hour;
  const auto of_rows = await(usage().report(hourly)).value().totals;
  EXPECT_EQ(of_rows.cost_nano_usd, 22'000'001);
  EXPECT_EQ(of_rows.charge_nano_usd, 30'000'000);
  EXPECT_EQ(await(usage().list_newest("usr_1", WallTime::max(), 1)).value().at(0).cost_nano_usd, 1);

  // All else of a row is as it was, and what was charged is as it was, too.
  auto expected = a_record(1, midnight_);
  expected.cost_nano_usd = 12'000'000;
  EXPECT_EQ(expected.charge_nano_usd, 10'000'000);
  EXPECT_EQ(words_of(row("att_1")), words_of(expected));
  EXPECT_EQ(await(store_->keys().find("usr_1", "key_1")).value().usage.cost_nano_usd, 30'000'000);
  EXPECT_EQ(await(store_->users().find("usr_1")).value().usage.cost_nano_usd, 30'000'000);

  // A copy has the cost of today.
  NanoUsd copied = 0;
  std::string place;
  do {
    const auto page = await(usage().read_records(place, 100)).value();
    for (const auto& record : page.records) copied += record.cost_nano_usd;
    place = page.place;
  } while (!place.empty());
  EXPECT_EQ(copied, 22'000'001);
}

TEST_P(UsageCostsContract, AddsUpWhatEachDayCostAtEachAccount) {
  auto elsewhere = a_record(3, midnight_ + 5h);
  elsewhere.upstream_account_id = "upa_2";
  elsewhere.user_id = "usr_2";
  auto of_another = a_record(4, midnight_ + 23h);
  of_another.user_id = "usr_3";
  put({a_record(1, midnight_), a_record(2, midnight_ + 1h), elsewhere, of_another,
       a_record(5, midnight_ + 24h)});
  using Costs = std::map<std::string, NanoUsd>;
  const auto costs_of = [this](WallTime at) {
    Costs costs;
    const auto of_accounts = await(usage().costs_by_account(at)).value();
    for (const auto& cost : of_accounts) costs[cost.account_id] += cost.cost_nano_usd;
    return costs;
  };
  const Costs expected{{"env_anthropic", 30'000'000}, {"upa_2", 10'000'000}};
  EXPECT_EQ(costs_of(midnight_), expected);
  EXPECT_EQ(costs_of(midnight_ + 23h), expected);
  EXPECT_EQ(costs_of(midnight_ + 24h), (Costs{{"env_anthropic", 10'000'000}}));
  EXPECT_EQ(costs_of(midnight_ + 48h), Costs{});

  // An attempt that is there, by whatever journal it comes again, counts once.
  ASSERT_TRUE(await(usage().append("node_2", batch_of(1, {a_record(1, midnight_), a_record(6, midnight_)})))
                  .has_value());
  EXPECT_EQ(costs_of(midnight_).at("env_anthropic"), 40'000'000);
  EXPECT_EQ(change({{a_record(1, midnight_), 1'000'000}, {elsewhere, 12'000'000}}), 2);
  EXPECT_EQ(costs_of(midnight_), (Costs{{"env_anthropic", 31'000'000}, {"upa_2", 12'000'000}}));

  // Another store that gets the rows has the sums, too, however often it gets them.
  const auto copy = GetParam().make();
  for (int time = 0; time < 2; ++time)
    ASSERT_TRUE(await(copy->usage().restore_records({a_record(1, midnight_), elsewhere})).has_value());
  EXPECT_EQ(await(copy->usage().costs_by_account(midnight_)).value().size(), 2U);
  EXPECT_EQ(await(copy->usage().costs_by_account(midnight_)).value().at(0).cost_nano_usd, 10'000'000);
}

TEST_P(UsageCostsContract, PassesOverWhatIsNotAsItWasRead) {
  put({a_record(1, midnight_), a_record(2, midnight_)});
  auto wrong = a_record(1, midnight_);
  wrong.cost_nano_usd = 9;
  EXPECT_EQ(change({{wrong, 5}, {a_record(2, midnight_), 20'000'000}, {a_record(3, midnight_), 1}}), 1);
  EXPECT_EQ(row("att_1").cost_nano_usd, 10'000'000);
  EXPECT_EQ(day(midnight_).cost_nano_usd, 30'000'000);

  EXPECT_EQ(change({{a_record(2, midnight_), 20'000'000}}), 0) << "it was done";
  EXPECT_EQ(day(midnight_).cost_nano_usd, 30'000'000);
  EXPECT_EQ(change({{row("att_2"), 10'000'000}}), 1) << "back again";
  EXPECT_EQ(day(midnight_).cost_nano_usd, 20'000'000);
  EXPECT_EQ(change({}), 0);
}

TEST_P(UsageCostsContract, GivesAPriceToWhatHadNone) {
  auto free = a_record(1, midnight_);
  free.cost_nano_usd = free.charge_nano_usd = 0;
  free.priced = false;
  free.estimated = true;
  auto dear = free;
  dear.attempt_id = "att_2";
  auto still_unpriced = free;
  still_unpriced.attempt_id = "att_3";
  put({free, dear, still_unpriced});
  EXPECT_EQ(day(midnight_).unpriced_requests, 3);
  EXPECT_EQ(change({{free, 0}, {dear, 7}}), 2);
  EXPECT_TRUE(row("att_1").priced);
  EXPECT_TRUE(row("att_1").estimated);
  EXPECT_TRUE(row("att_1").streamed);
  EXPECT_TRUE(row("att_2").priced);
  EXPECT_EQ(day(midnight_).cost_nano_usd, 7);
  EXPECT_EQ(day(midnight_).charge_nano_usd, 0);
  EXPECT_EQ(day(midnight_).unpriced_requests, 1);
  EXPECT_EQ(row("att_2").charge_nano_usd, 0);
  EXPECT_EQ(change({{free, 0}, {dear, 7}}), 0);
  EXPECT_EQ(day(midnight_).cost_nano_usd, 7);
}

TEST_P(UsageCostsContract, ChangesManyAtOnceAndForgetsThoseThatRetentionTakes) {
  std::vector<UsageRecord> records;
  for (int n = 1; n <= 700; ++n) records.push_back(a_record(n, midnight_ + n * 1min));
  put(records);
  std::vector<CostChange> changes;
  for (const auto& record : records) changes.push_back({record, record.cost_nano_usd + 1});
  EXPECT_EQ(change(changes), 700);
  EXPECT_EQ(day(midnight_).cost_nano_usd, 7'000'000'700);
  while (await(usage().delete_oldest(midnight_ + 301min, 100)).value() > 0) {
  }
  EXPECT_EQ(row("att_301").cost_nano_usd, 10'000'001);
  EXPECT_EQ(change({{records[299], 5}}), 0) << "it is gone";
  EXPECT_EQ(day(midnight_).cost_nano_usd, 7'000'000'700) << "sums stay";
  EXPECT_EQ(between(midnight_, midnight_ + 24h, 1'000).size(), 400U);
}

RELAY_EVERY_STORE(UsageCostsContract);

}  // namespace usage_costs_test
}  // namespace relay::test
