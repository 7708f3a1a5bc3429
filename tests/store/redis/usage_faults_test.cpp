// A record counts once in rows, roll-ups and counters, wherever a writer breaks off.
#include "fakes/await.h"
#include "metering/records.h"
#include "servers/redis_server.h"
#include "store/redis/redis_database.h"
#include "store/redis/redis_migrations.h"
#include "store/redis/redis_usage_store.h"

#include <gtest/gtest.h>

#include <map>

namespace relay::test {
namespace usage_faults_test {

using namespace std::chrono_literals;

RedisSettings settings_of(const RedisServer& server) {
  RedisSettings settings;
  settings.port = server.port();
  return settings;
}

/// Breaks off after a number of calls: the next one is not sent, or its answer is lost. Then everything
/// fails.
class BreakingDatabase final : public RedisDatabase {
 public:
  BreakingDatabase(RedisClient& client, std::string prefix) : RedisDatabase(client, std::move(prefix)) {}

  void break_after(int calls, bool answer_is_lost) {
    calls_left_ = calls;
    answer_is_lost_ = answer_is_lost;
  }
  void mend() { calls_left_ = 1'000'000; }
  bool is_broken() const { return calls_left_ < 0; }

  Task<RedisReply> run_under(std::string tag, const RedisScript& script, RedisWords words) override {
    if (calls_left_ > 0) {
      --calls_left_;
      co_return co_await RedisDatabase::run_under(std::move(tag), script, std::move(words));
    }
    if (calls_left_ == 0 && answer_is_lost_) {
      CO_CHECK(co_await RedisDatabase::run_under(std::move(tag), script, std::move(words)));
    }
    calls_left_ = -1;
    co_return Error(ErrorKind::unavailable, "store_unavailable", "The store is not available");
  }

 private:
  int calls_left_ = 1'000'000;
  bool answer_is_lost_ = false;
};

struct Sums {
  std::int64_t requests = 0;
  std::int64_t tokens = 0;
  std::int64_t cost = 0;
  friend bool operator==(const Sums&, const Sums&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Sums& sums) {
    return out << sums.requests << " requests, " << sums.tokens << " tokens, " << sums.cost << " nano";
  }
};

constexpr int kUsers = 5;
std::string user_of(int number) { return "usr_" + std::to_string(number); }

class UsageFaultsTest : public testing::Test {
 protected:
  void begin() {
    static int number = 0;
    database_.emplace(client_, "faults" + std::to_string(++number));
    store_.emplace(*database_);
    ASSERT_TRUE(await(migrate(*database_, WallTime())).has_value());
    for (int user = 0; user < kUsers; ++user) {
      put_row("users:" + user_of(user));
      put_row("api_keys:key_" + std::to_string(user));
    }
  }
  void put_row(const std::string& name) {
    run(RedisCommand("HSET").key(database_->tag() + ":" + name).arg("id").arg(name));
  }
  RedisReply run(RedisCommand command) { return await(client_.run(std::move(command))).value(); }

  // Records of all users, those of the first in several pieces.
  std::vector<UsageRecord> records(int first, int count) {
    std::vector<UsageRecord> out;
    for (int n = first; n < first + count; ++n) {
      auto record = a_record(n);
      const int user = n % 3 == 0 ? n % kUsers : 0;
      record.user_id = user_of(user);
      record.key_id = "key_" + std::to_string(user);
      out.push_back(std::move(record));
    }
    return out;
  }
  Result<> append(const std::string& node, std::int64_t first, const std::vector<UsageRecord>& records) {
    return await(store_->append(node, batch_of(first, records)));
  }

  void expect_counted(const std::vector<UsageRecord>& records, const std::string& where) {
    std::map<std::string, Sums> wanted;
    for (const auto& record : records) {
      auto& sums = wanted[record.user_id];
      sums.requests += 1;
      sums.tokens += record.usage.total_tokens();
      sums.cost += record.cost_nano_usd;
    }
    for (const auto& [user, sums] : wanted) {
      EXPECT_EQ(counters("users:" + user), sums) << where << ": counters of " << user;
      EXPECT_EQ(counters("api_keys:key_" + user.substr(4)), sums)
          << where << ": counters of the key of " << user;
      EXPECT_EQ(roll_ups(user), sums) << where << ": roll-ups of " << user;
      EXPECT_EQ(rows(user), sums) << where << ": rows of " << user;
    }
  }
  Sums counters(const std::string& row) {
    const auto number = [&](const char* column) {
      const auto reply = run(RedisCommand("HGET").key(database_->tag() + ":" + row).arg(column));
      return reply.is_nil() ? 0 : std::stoll(reply.text);
    };
    return {number("usage_requests"), number("usage_tokens"), number("usage_cost_nano_usd")};
  }
  static Sums sums_of(const UsageTotals& totals) {
    return {totals.requests, totals.usage.total_tokens(), totals.cost_nano_usd};
  }
  UsageQuery query(const std::string& user, UsageGranularity granularity) {
    const auto day = std::chrono::floor<std::chrono::days>(a_record(1).started_at);
    return {.user_id = user, .from = day, .to = day + 24h, .granularity = granularity, .with_latency = false};
  }
  Sums roll_ups(const std::string& user) {
    return sums_of(await(store_->report(query(user, UsageGranularity::day)))->totals);
  }
  Sums rows(const std::string& user) {
    return sums_of(await(store_->report(query(user, UsageGranularity::hour)))->totals);
  }

  RedisClient client_{settings_of(shared_redis())};
  std::optional<BreakingDatabase> database_;
  std::optional<RedisUsageStore> store_;
};

TEST_F(UsageFaultsTest, CountsOnceWhereverAWriterBreaksOffAndRepeats) {
  const auto all = records(1, 800);
  int broken = 0;
  for (const bool answer_is_lost : {false, true}) {
    for (int calls = 0;; ++calls) {
      begin();
      ASSERT_TRUE(append("node_2", 1, records(1, 3)).has_value()) << "a copied journal";
      database_->break_after(calls, answer_is_lost);
      const bool passed = append("node_1", 1, all).has_value();
      const auto where = std::to_string(calls) + (answer_is_lost ? " calls, the next answer lost" : " calls");
      database_->mend();
      if (passed) break;
      ++broken;
      // In other cuts than before.
      const std::vector<UsageRecord> half(all.begin(), all.begin() + 300);
      ASSERT_TRUE(append("node_1", 1, half).has_value());
      ASSERT_TRUE(append("node_1", 1, all).has_value());
      ASSERT_TRUE(append("node_1", 1, all).has_value());
      EXPECT_EQ(await(store_->last_sequence("node_1")).value(), 800);
      expect_counted(all, where);
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(broken, 40) << "every step, twice";
}

TEST_F(UsageFaultsTest, AnotherNodeSettlesWhatOneThatNeverComesBackOwes) {
  const auto lost = records(1, 50);
  for (int calls = 0;; ++calls) {
    begin();
    database_->break_after(calls, true);
    const bool passed = append("node_1", 1, lost).has_value();
    database_->mend();
    if (passed) break;
    // Only what was stored counts, and that in all three places.
    const auto others = records(1'001, 50);
    ASSERT_TRUE(append("node_2", 1, others).has_value());
    for (int user = 0; user < kUsers; ++user) {
      EXPECT_EQ(counters("users:" + user_of(user)), roll_ups(user_of(user))) << calls << " calls";
      EXPECT_EQ(rows(user_of(user)), roll_ups(user_of(user))) << calls << " calls";
    }
    if (HasFailure()) return;
  }
}

TEST_F(UsageFaultsTest, SettlesMoreThanOneCallHandsOver) {
  begin();
  std::vector<UsageRecord> all;
  for (int n = 1; n <= 30; ++n) {
    // last_sequence, the piece, and then no more.
    database_->break_after(2, false);
    auto record = a_record(n);
    record.user_id = user_of(0);
    record.key_id = "key_0";
    EXPECT_FALSE(append("node_" + std::to_string(n), 1, {record}).has_value());
    all.push_back(std::move(record));
    database_->mend();
  }
  EXPECT_EQ(counters("users:usr_0").requests, 0);
  ASSERT_TRUE(append("node_30", 1, {all.back()}).has_value());
  expect_counted(all, "thirty pieces owed");
  const auto partition = std::to_string(usage_partition_of("usr_0"));
  EXPECT_EQ(run(RedisCommand("XLEN").key("{" + database_->prefix() + ":u" + partition + "}:owed")).number, 0);
}

TEST_F(UsageFaultsTest, PassesOverKeysAndUsersThatAreGone) {
  begin();
  auto record = a_record(1);
  record.user_id = "usr_gone";
  record.key_id = "key_gone";
  ASSERT_TRUE(append("node_1", 1, {record}).has_value());
  EXPECT_EQ(run(RedisCommand("EXISTS").key(database_->tag() + ":users:usr_gone")).number, 0);
  EXPECT_EQ(run(RedisCommand("EXISTS").key(database_->tag() + ":api_keys:key_gone")).number, 0);
  EXPECT_EQ(roll_ups("usr_gone").requests, 1);
}

TEST_F(UsageFaultsTest, CostsChangeOnceWhereverAChangeBreaksOff) {
  const auto all = records(1, 600);
  const auto change = [&] {
    std::vector<CostChange> changes;
    std::string place;
    do {  // as a rerate does: what has its cost is left
      auto page = await(store_->read_records_between(WallTime::min(), WallTime::max(), place, 500)).value();
      for (auto& record : page.records) {
        if (record.cost_nano_usd != 3) changes.push_back({.record = record, .cost_nano_usd = 3});
      }
      place = page.place;
    } while (!place.empty());
    return changes;
  };
  int broken = 0;
  for (const bool answer_is_lost : {false, true}) {
    for (int calls = 0;; ++calls) {
      begin();
      ASSERT_TRUE(append("node_1", 1, all).has_value());
      auto changes = change();
      database_->break_after(calls, answer_is_lost);
      const bool passed = await(store_->change_costs(changes)).has_value();
      database_->mend();
      if (!passed) {
        ++broken;
        for (int user = 0; user < kUsers; ++user)
          EXPECT_EQ(rows(user_of(user)), roll_ups(user_of(user))) << calls << " calls";
        ASSERT_TRUE(await(store_->change_costs(change())).has_value());
        EXPECT_EQ(await(store_->change_costs(changes)).value(), 0) << "an old one changes nothing";
      }
      std::int64_t cost = 0;
      for (int user = 0; user < kUsers; ++user) {
        EXPECT_EQ(rows(user_of(user)), roll_ups(user_of(user))) << calls << " calls";
        cost += rows(user_of(user)).cost;
      }
      EXPECT_EQ(cost, 1'800) << calls << " calls";
      if (passed || HasFailure()) break;
    }
  }
  EXPECT_GT(broken, 8);
}

TEST_F(UsageFaultsTest, KeepsMoneyThatNoDoubleHolds) {
  begin();
  auto record = a_record(1);
  record.user_id = user_of(0);
  record.key_id = "key_0";
  record.cost_nano_usd = record.charge_nano_usd = 9'007'199'254'740'993;  // 2^53 + 1
  auto second = record;
  second.attempt_id = "att_2";
  second.cost_nano_usd = second.charge_nano_usd = 2;
  ASSERT_TRUE(append("node_1", 1, {record}).has_value());
  ASSERT_TRUE(append("node_1", 2, {second}).has_value());
  EXPECT_EQ(roll_ups("usr_0").cost, 9'007'199'254'740'995);
  EXPECT_EQ(counters("users:usr_0").cost, 9'007'199'254'740'995);
  EXPECT_EQ(await(store_->change_costs({{second, 4}, {record, 9'007'199'254'740'995}})).value(), 2);
  EXPECT_EQ(rows("usr_0").cost, 9'007'199'254'740'999);
  EXPECT_EQ(roll_ups("usr_0").cost, 9'007'199'254'740'999);
}

}  // namespace usage_faults_test
}  // namespace relay::test
