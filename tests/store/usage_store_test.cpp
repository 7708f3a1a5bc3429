#include "fakes/fixed_clock.h"
#include "metering/quota_history.h"
#include "metering/records.h"
#include "store/store_contract.h"

#include <gtest/gtest.h>

namespace relay::test {
namespace usage_store_test {

using std::chrono::hours;
using std::chrono::milliseconds;

class UsageStoreContract : public StoreContract {
 protected:
  UsageStore& usage() { return store_->usage(); }

  void put(std::int64_t first, std::vector<UsageRecord> records, const std::string& node = "node_1") {
    const auto stored = await(usage().append(node, batch_of(first, std::move(records))));
    ASSERT_TRUE(stored.has_value()) << stored.error().cause();
  }
  UsageReport report(UsageGranularity granularity, WallTime from, WallTime to, bool by_model = false,
                     std::optional<std::string> key = std::nullopt, const std::string& user = "usr_1") {
    auto outcome = await(usage().report({.user_id = user,
                                         .key_id = std::move(key),
                                         .from = from,
                                         .to = to,
                                         .granularity = granularity,
                                         .by_model = by_model}));
    EXPECT_TRUE(outcome.has_value()) << outcome.error().cause();
    return *std::move(outcome);
  }
  std::vector<std::string> found(const std::string& id, const std::string& user = "usr_1") {
    std::vector<std::string> attempts;
    const auto records = await(usage().find_by_any_id(user, id)).value();
    for (const auto& record : records) attempts.push_back(record.attempt_id);
    return attempts;
  }
  using Ids = std::vector<std::string>;

  const WallTime midnight_{std::chrono::sys_days(std::chrono::year(2026) / 3 / 1)};
};

TEST_P(UsageStoreContract, GivesBackEveryFieldOfARecord) {
  put(1, {a_full_record()});
  const auto back = await(usage().find_by_any_id("usr_1", "req_7")).value();
  ASSERT_EQ(back.size(), 1U);
  EXPECT_EQ(words_of(back[0]), words_of(a_full_record()));
}

TEST_P(UsageStoreContract, KeepsWhatWasChargedBesideTheCost) {
  auto record = a_record(1);
  record.charge_nano_usd = 7;
  put(1, {record, a_record(2)});
  const auto back = await(usage().find_by_any_id("usr_1", "req_1")).value();
  ASSERT_EQ(back.size(), 1U);
  EXPECT_EQ(words_of(back[0]), words_of(record));
  const auto day = std::chrono::floor<std::chrono::days>(record.started_at);
  for (const auto granularity : {UsageGranularity::hour, UsageGranularity::day}) {
    const auto totals = report(granularity, day, day + hours(24)).totals;
    EXPECT_EQ(totals.cost_nano_usd, 20'000'000);
    EXPECT_EQ(totals.charge_nano_usd, 10'000'007);
  }
}

// From the rows and from the roll-ups alike; a key's counters too.
TEST_P(UsageStoreContract, CountsTheTokensOfTheRelaysOwnCacheNowhere) {
  ASSERT_TRUE(await(store_->users().insert(a_user("usr_1"))).has_value());
  ASSERT_TRUE(await(store_->keys().insert(a_key("key_1", "usr_1"), 0)).has_value());
  auto cached = a_full_record();
  cached.outcome = AttemptOutcome::completed;
  cached.priced = true;
  cached.cost_nano_usd = 0;
  cached.charge_nano_usd = 0;
  auto unpriced = a_record(8);
  unpriced.usage = {.input_tokens = 1,
                    .audio_input_tokens = 2,
                    .audio_cache_read_tokens = 3,
                    .audio_output_tokens = 4,
                    .image_input_tokens = 5,
                    .image_output_tokens = 6,
                    .accepted_prediction_tokens = 7,
                    .rejected_prediction_tokens = 8};
  unpriced.priced = false;
  unpriced.cost_nano_usd = 0;
  unpriced.charge_nano_usd = 0;
  put(1, {cached, unpriced, a_record(9)});
  const auto day = std::chrono::floor<std::chrono::days>(cached.started_at);
  auto expected = unpriced.usage;
  expected.input_tokens = 1'001;
  expected.output_tokens = 200;
  for (const auto granularity : {UsageGranularity::hour, UsageGranularity::day}) {
    const auto totals = report(granularity, day, day + hours(24)).totals;
    EXPECT_EQ(totals.requests, 3);
    EXPECT_EQ(totals.cached_requests, 1);
    EXPECT_EQ(totals.unpriced_requests, 1);
    EXPECT_EQ(totals.usage, expected);
    EXPECT_EQ(totals.usage.total_tokens(), 1'221);
    EXPECT_EQ(totals.cost_nano_usd, 10'000'000);
    EXPECT_EQ(totals.charge_nano_usd, 10'000'000);
  }
  const auto sums = await(usage().sum_by_user(day, day + hours(24))).value();
  ASSERT_EQ(sums.size(), 1U);
  EXPECT_EQ(sums[0].tokens, 1'221);
  const UsageCounters counters{.requests = 3, .tokens = 1'221, .cost_nano_usd = 10'000'000};
  EXPECT_EQ(await(store_->keys().find("usr_1", "key_1")).value().usage, counters);
}

TEST_P(UsageStoreContract, SkipsWhatItHas) {
  EXPECT_EQ(await(usage().last_sequence("node_1")).value(), 0);
  put(1, {a_record(1), a_record(2)});
  put(1, {a_record(1), a_record(2)});
  put(2, {a_record(2), a_record(3)});
  EXPECT_EQ(await(usage().last_sequence("node_1")).value(), 3);
  const auto at = a_record(1).started_at;
  EXPECT_EQ(report(UsageGranularity::day, at - hours(24), at + hours(24)).totals.requests, 3);
}

TEST_P(UsageStoreContract, CountsAnAttemptOnceWhateverJournalItComesFrom) {
  put(1, {a_record(1)}, "node_1");
  put(1, {a_record(1), a_record(2)}, "node_2");
  const auto at = a_record(1).started_at;
  EXPECT_EQ(report(UsageGranularity::day, at - hours(24), at + hours(24)).totals.requests, 2);
  EXPECT_EQ(await(usage().last_sequence("node_2")).value(), 2);
}

TEST_P(UsageStoreContract, FindsByAnyIdOfItsOwner) {
  auto second_try = a_record(2);
  second_try.request_id = "req_1";
  second_try.started_at += milliseconds(5);
  auto nameless = a_record(3);
  nameless.message_id = "";
  put(1, {a_record(1), second_try, nameless});
  EXPECT_EQ(found("att_1"), Ids{"att_1"});
  EXPECT_EQ(found("req_1"), (Ids{"att_2", "att_1"})) << "newest first";
  EXPECT_EQ(found("req_0112"), Ids{"att_2"});
  EXPECT_EQ(found("msg_011"), Ids{"att_1"});
  EXPECT_EQ(found("msg_019"), Ids{});
  EXPECT_EQ(found(""), Ids{});
  EXPECT_EQ(found("att_1", "usr_2"), Ids{});
}

TEST_P(UsageStoreContract, FindsAmongManyThatAreIndexedAndThatAreNot) {
  int number = 0;
  for (int batch = 0; batch < 5; ++batch) {
    std::vector<UsageRecord> records;
    const int first = number + 1;
    for (int i = 0; i < 8'000; ++i) records.push_back(a_record(++number));
    records.front().message_id = "msg_same";  // the same hash in several runs
    put(first, std::move(records));
  }
  for (const int i : {2, 16'384, 16'385, 32'768, 32'769, 39'999}) {
    const auto digits = std::to_string(i);
    EXPECT_EQ(found("req_" + digits), Ids{"att_" + digits});
    EXPECT_EQ(found("req_011" + digits), Ids{"att_" + digits});
    EXPECT_EQ(found("msg_01" + digits), Ids{"att_" + digits});
  }
  EXPECT_EQ(found("msg_same").size(), 5U);
  EXPECT_EQ(found("msg_none"), Ids{});
}

TEST_P(UsageStoreContract, AddsUpByHourDayAndMonth) {
  std::vector<UsageRecord> records;
  for (int i = 0; i < 60; ++i) records.push_back(a_record(i, midnight_ + hours(12) * i));
  records[3].outcome = AttemptOutcome::provider_error;
  put(1, std::move(records));

  const auto days = report(UsageGranularity::day, midnight_, midnight_ + hours(24 * 30));
  EXPECT_EQ(days.series.size(), 30U);
  EXPECT_EQ(days.series[1].start, midnight_ + hours(24));
  EXPECT_EQ(days.series[1].totals.requests, 2);
  EXPECT_EQ(days.series[1].totals.errors, 1);
  EXPECT_EQ(days.totals.requests, 60);
  EXPECT_EQ(days.totals.usage.input_tokens, 60'000);
  EXPECT_EQ(days.totals.usage.output_tokens, 12'000);
  EXPECT_EQ(days.totals.cost_nano_usd, 600'000'000);

  // From noon to noon: half of the first and of the last day.
  const auto cut = report(UsageGranularity::day, midnight_ + hours(12), midnight_ + hours(24 * 3 + 12));
  ASSERT_EQ(cut.series.size(), 4U);
  EXPECT_EQ(cut.series.front().totals.requests, 1);
  EXPECT_EQ(cut.series.back().totals.requests, 1);
  EXPECT_EQ(cut.totals.requests, 6);

  const auto hourly = report(UsageGranularity::hour, midnight_, midnight_ + hours(24));
  ASSERT_EQ(hourly.series.size(), 2U);
  EXPECT_EQ(hourly.series[1].start, midnight_ + hours(12));

  const auto months = report(UsageGranularity::month, midnight_, midnight_ + hours(24 * 60));
  ASSERT_EQ(months.series.size(), 1U);
  EXPECT_EQ(months.series[0].start, midnight_);
  EXPECT_EQ(months.totals.requests, 60);

  EXPECT_TRUE(report(UsageGranularity::day, midnight_, midnight_).series.empty());
  EXPECT_EQ(kind_of(await(usage().report({.user_id = "usr_1",
                                          .from = midnight_,
                                          .to = midnight_ + hours(24 * 40),
                                          .granularity = UsageGranularity::hour}))),
            ErrorKind::validation);
}

// Windows begin at any hour, and stores keep sums of whole days.
TEST_P(UsageStoreContract, TellsLimitsWhatWasUsedSinceAnyHour) {
  constexpr int kCalls = 36;  // one every two hours of three days, on 230 keys
  std::vector<UsageRecord> records;
  for (int i = 0; i < 230; ++i) {
    auto& record = records.emplace_back(a_record(i + 1));
    record.key_id = "key_" + std::to_string(i);
    record.started_at = midnight_ + hours(2 * (i % kCalls)) + milliseconds(i % 3 - 1);
    record.charge_nano_usd = 7 + i;
  }
  put(1, records);
  FixedClock clock;
  clock.advance(midnight_ + hours(71) - clock.now());
  StoredQuotaHistory history(usage(), clock);
  for (const int hour : {0, 2, 7, 12, 14, 23, 24, 36, 38, 47, 48, 50, 70}) {
    const auto from = midnight_ + hours(hour);
    for (const std::string key : {"", "key_35", "key_100"}) {
      QuotaSums expected;
      for (const auto& record : records) {
        if (record.started_at < from || (!key.empty() && record.key_id != key)) continue;
        ++expected.requests;
        expected.tokens += limited_tokens(record.usage);
        expected.nano_usd += record.charge_nano_usd;
      }
      const auto sums = await(history.sums("usr_1", key, from)).value();
      EXPECT_EQ(sums.requests, expected.requests) << key << " since " << hour;
      EXPECT_EQ(sums.tokens, expected.tokens) << key << " since " << hour;
      EXPECT_EQ(sums.nano_usd, expected.nano_usd) << key << " since " << hour;
    }
  }
}

TEST_P(UsageStoreContract, SeparatesModelsKeysAndUsers) {
  auto other_model = a_record(2, midnight_);
  other_model.model = "gpt-5";
  auto other_key = a_record(3, midnight_);
  other_key.key_id = "key_2";
  auto other_user = a_record(4, midnight_);
  other_user.key_id = "key_3";
  other_user.user_id = "usr_2";
  put(1, {a_record(1, midnight_), other_model, other_key, other_user});
  const auto end = midnight_ + hours(24);

  const auto by_model = report(UsageGranularity::day, midnight_, end, true);
  ASSERT_EQ(by_model.series.size(), 2U);
  EXPECT_EQ(by_model.series[0].model, "claude-sonnet-4-5-20250929");
  EXPECT_EQ(by_model.series[0].totals.requests, 2);
  EXPECT_EQ(by_model.series[1].model, "gpt-5");
  EXPECT_EQ(report(UsageGranularity::day, midnight_, end).totals.requests, 3);
  EXPECT_EQ(report(UsageGranularity::day, midnight_, end, false, "key_2").totals.requests, 1);
  EXPECT_EQ(report(UsageGranularity::day, midnight_, end, false, "key_3").totals.requests, 0)
      << "somebody else's";
  EXPECT_EQ(report(UsageGranularity::day, midnight_, end, false, std::nullopt, "usr_2").totals.requests, 1);
}

TEST_P(UsageStoreContract, TellsPercentilesOfDuration) {
  std::vector<UsageRecord> records;
  for (int i = 1; i <= 100; ++i) {
    records.push_back(a_record(i, midnight_));
    records.back().duration_ms = i * 10;
    records.back().first_byte_ms = i;
  }
  put(1, std::move(records));
  const auto latencies = report(UsageGranularity::day, midnight_, midnight_ + hours(24));
  EXPECT_EQ(latencies.duration.p50_ms, 500);
  EXPECT_EQ(latencies.duration.p90_ms, 900);
  EXPECT_EQ(latencies.duration.p99_ms, 990);
  EXPECT_EQ(latencies.first_byte.p50_ms, 50);
}

TEST_P(UsageStoreContract, AddsToTheCountersOfKeyAndUser) {
  put_user("usr_1");
  put_key(a_key("key_1", "usr_1"));
  auto older = a_record(2, midnight_);
  older.client_address = "198.51.100.9";
  put(1, {a_record(1, midnight_ + hours(1)), older});
  put(3, {a_record(3, midnight_)});  // late: last_used_at does not go back
  const auto key = await(store_->keys().find("usr_1", "key_1")).value();
  EXPECT_EQ(key.usage.requests, 3);
  EXPECT_EQ(key.usage.tokens, 3600);
  EXPECT_EQ(key.usage.cost_nano_usd, 30'000'000);
  EXPECT_EQ(key.last_used_at, midnight_ + hours(1));
  EXPECT_EQ(key.last_used_address, "192.0.2.1");
  EXPECT_EQ(await(store_->users().find("usr_1")).value().usage.requests, 3);
}

TEST_P(UsageStoreContract, LeasesANodeToOneHolderAtATime) {
  const auto lease = [&](const std::string& holder, WallTime now, WallTime until) {
    return kind_of(await(usage().lease_node("node_1", holder, now, until)));
  };
  const auto t = clock_.now();
  EXPECT_EQ(lease("a", t, t + hours(1)), std::nullopt);
  EXPECT_EQ(lease("b", t + hours(1) - milliseconds(1), t + hours(2)), ErrorKind::conflict);
  EXPECT_EQ(lease("a", t + milliseconds(1), t + hours(1)), std::nullopt);
  EXPECT_EQ(lease("b", t + hours(1), t + hours(2)), std::nullopt);
  put(1, {a_record(1)});
  EXPECT_EQ(lease("b", t, t + hours(3)), std::nullopt) << "storing leaves the lease as it is";
  EXPECT_EQ(lease("a", t + hours(2), t + hours(4)), ErrorKind::conflict);
}

TEST_P(UsageStoreContract, SumsDaysForEverybodyWhoUsedSomething) {
  auto of_another = a_record(3, midnight_ + hours(1));
  of_another.user_id = "usr_2";
  of_another.key_id = "key_2";
  put(1, {a_record(1, midnight_ - milliseconds(1)), a_record(2, midnight_), of_another,
          a_record(4, midnight_ + hours(24))});
  const auto sums = await(usage().sum_by_user(midnight_, midnight_ + hours(24))).value();
  ASSERT_EQ(sums.size(), 2U);
  EXPECT_EQ(sums[0].user_id, "usr_1");
  EXPECT_EQ(sums[0].requests, 1);
  EXPECT_EQ(sums[0].tokens, 1200);
  EXPECT_EQ(sums[1].user_id, "usr_2");
  EXPECT_EQ(await(usage().sum_by_user(midnight_ - hours(24), midnight_ + hours(48)))->at(0).requests, 3);
}

RELAY_EVERY_STORE(UsageStoreContract);

class PriceStoreContract : public StoreContract {};

TEST_P(PriceStoreContract, ReplacesALineAndKeepsOthers) {
  auto& prices = store_->prices();
  const auto seeded = await(prices.list()).value();
  ASSERT_GT(seeded.size(), 100U);
  ModelPrice line{.model = "aaa-first",
                  .provider = "openai",
                  .tier = "flex",
                  .context_over = 7,
                  .effective_from = clock_.now(),
                  .rates = {1, 2, 3, 4, 5},
                  .web_search_request = 6};
  std::vector<ModelPrice> lines{line};
  ASSERT_TRUE(await(prices.put(lines)).has_value());
  line.rates.output = 50;
  lines = {line};
  ASSERT_TRUE(await(prices.put(lines)).has_value());

  const auto all = await(prices.list()).value();
  ASSERT_EQ(all.size(), seeded.size() + 1);
  const auto& back = all.front();
  EXPECT_EQ(back.model, "aaa-first");
  EXPECT_EQ(back.provider, "openai");
  EXPECT_EQ(back.tier, "flex");
  EXPECT_EQ(back.context_over, 7);
  EXPECT_EQ(back.effective_from, line.effective_from);
  EXPECT_EQ(back.rates, line.rates);
  EXPECT_EQ(back.web_search_request, 6);
}

TEST_P(PriceStoreContract, AddsALineOnceAndTakesItBack) {
  auto& prices = store_->prices();
  const auto seeded = await(prices.list()).value();
  ModelPrice line{
      .model = "zzz-*", .provider = "anthropic", .effective_from = clock_.now(), .rates = {1, 2, 3, 4, 5}};
  ASSERT_TRUE(await(prices.insert(line)).has_value());
  auto later = line;
  later.effective_from += std::chrono::hours(1);
  ASSERT_TRUE(await(prices.insert(later)).has_value());
  auto again = line;
  again.rates.input = 9;
  const auto refused = await(prices.insert(again));
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().kind(), ErrorKind::conflict);
  EXPECT_EQ(code_of(refused), "duplicate");

  auto all = await(prices.list()).value();
  ASSERT_EQ(all.size(), seeded.size() + 2);
  EXPECT_EQ(all[seeded.size()], line);
  EXPECT_EQ(all[seeded.size() + 1], later);

  ASSERT_TRUE(await(prices.remove(PriceLineName::of(line))).has_value());
  EXPECT_EQ(code_of(await(prices.remove(PriceLineName::of(line)))), "price_unknown");
  all = await(prices.list()).value();
  ASSERT_EQ(all.size(), seeded.size() + 1);
  EXPECT_EQ(all.back(), later);
}

RELAY_EVERY_STORE(PriceStoreContract);

}  // namespace usage_store_test
}  // namespace relay::test
