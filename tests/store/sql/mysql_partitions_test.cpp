// The months of usage_logs, and what looks after them.
#include "fakes/await.h"
#include "metering/records.h"
#include "store/mariadb_database.h"
#include "store/sql/migrations.h"
#include "store/sql/sql_usage_store.h"

#include <gtest/gtest.h>

#include <thread>

namespace relay::test {
namespace mysql_partitions_test {

using namespace std::chrono_literals;
using Names = std::vector<std::string>;

WallTime day(int year, unsigned month, unsigned day_of_month) {
  return WallTime(std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(month) /
                                        std::chrono::day(day_of_month)));
}

// A database whose table has no month yet, as on the day of its migration.
MysqlSettings without_months() {
  auto settings = mariadb_settings("partitions_test");
  {
    SqlDatabase database(mariadb_settings("start_test"));
    run_sql(database, "DROP DATABASE IF EXISTS partitions_test");
  }
  SqlDatabase database(settings);
  await(migrate(database, WallTime())).value();
  run_sql(database,
          "ALTER TABLE usage_logs PARTITION BY RANGE (started_at_ms) (PARTITION p_max VALUES LESS THAN "
          "MAXVALUE)");
  return settings;
}

class MysqlPartitionsTest : public testing::Test {
 protected:
  Names partitions() {
    return sql_texts(
        database_,
        "SELECT partition_name FROM information_schema.partitions WHERE table_schema = DATABASE() AND"
        " table_name = 'usage_logs' ORDER BY partition_ordinal_position");
  }
  std::int64_t rows_in(const std::string& partition) {
    return sql_number(database_, "SELECT COUNT(*) FROM usage_logs PARTITION (" + partition + ")");
  }
  void put(int number, WallTime at) {
    ASSERT_TRUE(await(usage_.append("node_1", batch_of(number, {a_record(number, at)}))).has_value());
  }

  SqlDatabase database_{without_months()};
  SqlUsageStore usage_{database_};
};

TEST_F(MysqlPartitionsTest, AreMadeAheadAndNothingIsWithoutAPlace) {
  put(1, day(2025, 12, 31));
  put(2, day(2026, 2, 1));
  put(3, day(2031, 7, 1));
  ASSERT_TRUE(await(usage_.prepare_months(day(2026, 2, 15))).has_value());
  EXPECT_EQ(partitions(), (Names{"p_past", "p202602", "p202603", "p202604", "p202605", "p_max"}));
  EXPECT_EQ(rows_in("p_past"), 1);
  EXPECT_EQ(rows_in("p202602"), 1);
  EXPECT_EQ(rows_in("p_max"), 1);
  ASSERT_TRUE(await(usage_.prepare_months(day(2026, 2, 28) + 23h)).has_value());
  EXPECT_EQ(partitions().size(), 6U);
  ASSERT_TRUE(await(usage_.prepare_months(day(2026, 4, 1))).has_value());
  EXPECT_EQ(partitions(),
            (Names{"p_past", "p202602", "p202603", "p202604", "p202605", "p202606", "p202607", "p_max"}));
}

TEST_F(MysqlPartitionsTest, AreMadeOnceByTwoAtOnce) {
  SqlDatabase other_database(mariadb_settings("partitions_test"));
  SqlUsageStore other(other_database);
  std::jthread thread([&] { EXPECT_TRUE(await(other.prepare_months(day(2026, 2, 15))).has_value()); });
  EXPECT_TRUE(await(usage_.prepare_months(day(2026, 2, 15))).has_value());
  thread.join();
  EXPECT_EQ(partitions().size(), 6U);
}

TEST_F(MysqlPartitionsTest, GoWholeWhenTheirMonthIsOver) {
  ASSERT_TRUE(await(usage_.prepare_months(day(2026, 2, 15))).has_value());
  put(1, day(2026, 1, 1));
  put(2, day(2026, 2, 1));
  put(3, day(2026, 2, 2));
  put(4, day(2026, 3, 1));
  put(5, day(2026, 3, 9));
  EXPECT_EQ(await(usage_.delete_oldest(day(2026, 3, 5), 100)).value(), 4);
  EXPECT_EQ(partitions(), (Names{"p202603", "p202604", "p202605", "p_max"}));
  EXPECT_EQ(await(usage_.list_newest("usr_1", WallTime::max(), 10)).value().size(), 1U);
  EXPECT_EQ(await(usage_.delete_oldest(day(2026, 3, 5), 100)).value(), 0);
  put(6, day(2026, 1, 7));  // late: it has a place
  EXPECT_EQ(await(usage_.find_by_any_id("usr_1", "req_6")).value().size(), 1U);
}

TEST_F(MysqlPartitionsTest, RollUpsAreCheckedAgainstTheRows) {
  put(1, day(2026, 2, 1));
  put(2, day(2026, 2, 2) + 1h);
  put(3, day(2026, 2, 2) + 2h);
  const auto check = [&](WallTime of) {
    const auto number = of.time_since_epoch().count() / 86'400'000;
    run_sql(database_, "CALL relay_check_roll_ups(" + std::to_string(number) + ", 1)");
    return sql_number(database_, "SELECT COUNT(*) FROM roll_up_checks");
  };
  EXPECT_EQ(check(day(2026, 2, 2)), 0);
  run_sql(database_, "UPDATE usage_daily SET requests = requests + 5, cost_nano_usd = cost_nano_usd - 1");
  EXPECT_EQ(check(day(2026, 2, 1)), 0) << "the first day that is there may be there in part";
  EXPECT_EQ(check(day(2026, 2, 2)), 1);
  EXPECT_EQ(sql_number(database_, "SELECT requests FROM roll_up_checks"), 5);
  EXPECT_EQ(sql_number(database_, "SELECT cost_nano_usd FROM roll_up_checks"), -1);
  run_sql(database_, "UPDATE usage_daily SET requests = requests - 5, cost_nano_usd = cost_nano_usd + 1");
  EXPECT_EQ(check(day(2026, 2, 2)), 0);
}

TEST_F(MysqlPartitionsTest, RollUpsAreThoseOfTheirRowsWhenCostsWereChanged) {
  put(1, day(2026, 2, 1));
  put(2, day(2026, 2, 2) + 1h);
  put(3, day(2026, 3, 2) + 2h);
  const auto read = await(usage_.read_records_between(day(2026, 2, 2), day(2026, 4, 1), "", 10)).value();
  ASSERT_EQ(read.records.size(), 2U) << "of two months";
  std::vector<CostChange> changes;
  for (const auto& record : read.records) changes.push_back({record, record.cost_nano_usd * 3});
  EXPECT_EQ(await(usage_.change_costs(changes)).value(), 2);
  EXPECT_EQ(sql_number(database_, "SELECT SUM(cost_nano_usd) FROM usage_logs"), 70'000'000);
  for (const auto of : {day(2026, 2, 2), day(2026, 3, 2)}) {
    const auto number = of.time_since_epoch().count() / 86'400'000;
    run_sql(database_, "CALL relay_check_roll_ups(" + std::to_string(number) + ", 1)");
  }
  EXPECT_EQ(sql_number(database_, "SELECT COUNT(*) FROM roll_up_checks"), 0);
}

// Two nodes at once, the same keys and new words: nothing lost, nothing twice.
TEST_F(MysqlPartitionsTest, TakeWhatSeveralNodesStoreAtOnce) {
  constexpr int kNodes = 4;
  constexpr int kBatches = 15;
  constexpr int kRows = 40;
  SqlDatabase more(mariadb_settings("partitions_test"));
  SqlUsageStore other(more);
  std::vector<std::jthread> nodes;
  for (int node = 0; node < kNodes; ++node) {
    nodes.emplace_back([&, node] {
      for (int batch = 0; batch < kBatches; ++batch) {
        std::vector<UsageRecord> records;
        for (int i = 0; i < kRows; ++i) {
          auto record = a_record(node * 1'000'000 + batch * kRows + i, day(2026, 2, 1) + i * 1h);
          record.key_id = "key_" + std::to_string((i * (node % 2 == 0 ? 1 : -1) + kRows) % 7);
          record.user_id = "usr_" + std::to_string(i % 3);
          record.model = "model-" + std::to_string((batch * 3 + i) % 11);
          records.push_back(std::move(record));
        }
        // Every second batch of node 1 and 3 is that of node 0 and 2 once more: a copied journal.
        if (node % 2 == 1 && batch % 2 == 0) {
          for (int i = 0; i < kRows; ++i)
            records[static_cast<std::size_t>(i)].attempt_id = "same_" + std::to_string(batch * kRows + i);
        }
        auto& store = node % 2 == 0 ? usage_ : other;
        const auto stored =
            await(store.append("node_" + std::to_string(node), batch_of(batch * kRows + 1, records)));
        EXPECT_TRUE(stored.has_value()) << stored.error().cause();
      }
    });
  }
  nodes.clear();
  const auto rows = kNodes * kBatches * kRows - 8 * kRows;  // nodes 1 and 3 share eight batches
  EXPECT_EQ(sql_number(database_, "SELECT COUNT(*) FROM usage_logs"), rows);
  EXPECT_EQ(sql_number(database_, "SELECT SUM(requests) FROM usage_daily"), rows);
  EXPECT_EQ(sql_number(database_, "SELECT SUM(cost_nano_usd) FROM usage_daily"),
            sql_number(database_, "SELECT SUM(cost_nano_usd) FROM usage_logs"));
  EXPECT_EQ(sql_number(database_, "SELECT SUM(last_seq) FROM node_offsets"), kNodes * kBatches * kRows);
  EXPECT_EQ(sql_number(database_, "SELECT COUNT(*) FROM usage_entries"), rows) << "every word is there";
}

// A row that is refused would hold up the journal for ever.
TEST_F(MysqlPartitionsTest, TakeTextThatIsTooLongOrNoText) {
  auto record = a_record(1, day(2026, 2, 1));
  record.upstream_request_id = std::string(5000, 'x');
  record.message_id = "m\xC3";
  record.error_type = std::string(127, 'e') + "\xC3\xBC";
  record.model = "model\xFF" + std::string(2000, 'm');
  record.client_address = std::string(500, '1');
  ASSERT_TRUE(await(usage_.append("node_1", batch_of(1, {record}))).has_value());
  EXPECT_EQ(await(usage_.find_by_any_id("usr_1", "req_1")).value().size(), 1U);
}

}  // namespace mysql_partitions_test
}  // namespace relay::test
