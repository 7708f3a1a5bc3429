// No hot query reads a table from end to end. The server's own log says which queries the stores send, and
// EXPLAIN how it would run them.
#include "fakes/await.h"
#include "fakes/seeded_random.h"
#include "metering/records.h"
#include "store/mariadb_database.h"
#include "store/sql/sql_api_key_store.h"
#include "store/sql/sql_notification_store.h"
#include "store/sql/sql_outbox_store.h"
#include "store/sql/sql_session_store.h"
#include "store/sql/sql_statement.h"
#include "store/sql/sql_usage_store.h"
#include "store/sql/sql_user_store.h"

#include <gtest/gtest.h>

#include <functional>

namespace relay::test {
namespace mysql_plans_test {

using namespace std::chrono_literals;

struct PlanRow {
  std::string table, type;
  std::int64_t rows = 0;
};

class MysqlPlansTest : public testing::Test {
 protected:
  MysqlPlansTest() {
    // Enough that the server takes an index where there is one.
    const std::string each = " FROM seq_1_to_3000";
    run_sql(database_,
            "INSERT INTO users (id, email, username, password_hash, status, role, plan_id, timezone, locale, "
            "settings,"
            " metadata, created_at_ms, updated_at_ms) SELECT CONCAT('usr_', seq), CONCAT('u', seq, "
            "'@example.com'),"
            " CONCAT('name_', seq), '', 'active', 'user', 'free', 'UTC', 'en', '{}', '{}', seq, seq" +
                each);
    run_sql(database_,
            "INSERT INTO api_keys (id, user_id, name, key_hash, key_prefix, key_suffix, status, permissions,"
            " created_at_ms, updated_at_ms, expires_at_ms) SELECT CONCAT('key_', seq), CONCAT('usr_', seq % "
            "500 + 1), 'k',"
            " SHA2(seq, 256), '', '', 'active', 'claude', seq, seq, seq" +
                each);
    run_sql(database_,
            "INSERT INTO sessions (id, family_id, user_id, refresh_hash, created_at_ms, expires_at_ms, "
            "last_used_at_ms,"
            " user_agent, address) SELECT CONCAT('ses_', seq), CONCAT('ses_', seq), CONCAT('usr_', seq % 500 "
            "+ 1),"
            " CONCAT('hash_', seq), seq, 9000000000000, seq, '', ''" +
                each);
    run_sql(database_,
            "INSERT INTO session_spent_tokens SELECT CONCAT('old_', seq), CONCAT('ses_', seq), seq" + each);
    run_sql(database_,
            "INSERT INTO notifications (id, user_id, kind, title, body, created_at_ms) SELECT CONCAT('ntf_', "
            "seq),"
            " CONCAT('usr_', seq % 500 + 1), 'k', 't', 'b', seq" +
                each);
    run_sql(database_,
            "INSERT INTO outbox (id, kind, recipient, details, due_at_ms, created_at_ms) SELECT "
            "CONCAT('mail_', seq),"
            " 'verify', '', '{}', seq * 1000, seq" +
                each);
    run_sql(database_, "INSERT INTO node_offsets (node_id) SELECT CONCAT('node_', seq) FROM seq_1_to_500");
    std::vector<UsageRecord> records;
    for (int i = 1; i <= 6000; ++i) {
      auto record = a_record(i, start_ + i * 1min);
      record.user_id = "usr_" + std::to_string(i % 60);
      record.key_id = "key_" + std::to_string(i % 120);
      record.model = "model_" + std::to_string(i % 40);
      records.push_back(std::move(record));
    }
    EXPECT_TRUE(await(usage_.append("node_1", batch_of(1, records))).has_value());
    for (const auto* table :
         {"users", "api_keys", "sessions", "session_spent_tokens", "notifications", "outbox", "node_offsets",
          "usage_logs", "usage_daily", "usage_keys", "usage_words"}) {
      run_sql(database_, std::string("ANALYZE TABLE ") + table);
    }
  }
  ~MysqlPlansTest() override { run_sql(database_, "SET GLOBAL general_log = OFF"); }

  /// What the server was asked while `use` ran.
  std::vector<std::string> queries_of(const std::function<void()>& use) {
    run_sql(database_, "SET GLOBAL log_output = 'TABLE'");
    run_sql(database_, "TRUNCATE TABLE mysql.general_log");
    run_sql(database_, "SET GLOBAL general_log = ON");
    use();
    run_sql(database_, "SET GLOBAL general_log = OFF");
    std::vector<std::string> queries;
    for (auto& text : sql_texts(database_,
                                "SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log WHERE"
                                " command_type IN ('Query', 'Execute')")) {
      for (const auto* verb : {"SELECT ", "UPDATE ", "DELETE "}) {
        if (text.starts_with(verb) && text.find("general_log") == std::string::npos) {
          queries.push_back(text);
        }
      }
    }
    return queries;
  }

  std::vector<PlanRow> plan_of(const std::string& query) {
    return await(database_.read([&](soci::session& sql) -> Result<std::vector<PlanRow>> {
             std::optional<std::string> table, type, text[5];
             std::optional<std::int64_t> id, rows;
             SqlStatement select(sql);
             select.into(id).into(text[0]).into(table).into(type).into(text[1]).into(text[2]).into(text[3]);
             select.into(text[4]).into(rows);
             select.select("EXPLAIN " + query);
             std::vector<PlanRow> plan;
             while (select.fetch()) {
               plan.push_back(
                   {.table = table.value_or(""), .type = type.value_or(""), .rows = rows.value_or(0)});
             }
             return plan;
           }))
        .value();
  }

  /// Every query of it goes by an index, to what it needs.
  void expect_no_scan(const char* what, const std::function<void()>& use, std::int64_t most_rows = 1500) {
    const auto queries = queries_of(use);
    EXPECT_FALSE(queries.empty()) << what;
    for (const auto& query : queries) {
      for (const auto& row : plan_of(query)) {
        EXPECT_NE(row.type, "ALL") << what << ", " << row.table << ": " << query;
        EXPECT_NE(row.type, "index") << what << ", " << row.table << ": " << query;
        EXPECT_LE(row.rows, most_rows) << what << ", " << row.table << ": " << query;
      }
    }
  }

  const WallTime start_{std::chrono::sys_days(std::chrono::year(2026) / 3 / 1)};
  MariadbDatabase empty_;
  SqlDatabase database_{empty_.settings()};
  SqlUserStore users_{database_};
  SqlApiKeyStore keys_{database_};
  SqlSessionStore sessions_{database_};
  SqlNotificationStore notifications_{database_};
  SqlOutboxStore outbox_{database_};
  SqlUsageStore usage_{database_};
};

// After a crash the server can believe that tables are empty which are not.
TEST_F(MysqlPlansTest, ARowIsReadBeforeItsWordsWhateverTheServerBelieves) {
  run_sql(database_,
          "UPDATE mysql.innodb_table_stats SET n_rows = 0, clustered_index_size = 1 WHERE table_name IN "
          "('usage_words', "
          "'usage_keys')");
  run_sql(database_, "FLUSH TABLES");
  for (const auto& row : plan_of("SELECT * FROM usage_entries WHERE id = 17")) {
    EXPECT_LE(row.rows, 10) << row.table;  // a partition each
    EXPECT_TRUE(row.type == "ref" || row.type == "eq_ref" || row.type == "const")
        << row.table << " " << row.type;
  }
}

TEST_F(MysqlPlansTest, NoHotQueryReadsAWholeTable) {
  SeededRandom random;
  const auto hash = ApiKeyHash::of(ApiKeySecret::generate(random));
  const WallTime now = start_;
  expect_no_scan("a key by its hash", [&] { (void)await(keys_.find_access(hash)).has_value(); });
  expect_no_scan("a key by its id", [&] { (void)await(keys_.find_access_by_id("key_7")).has_value(); });
  expect_no_scan("a key by either hash", [&] { (void)await(keys_.find_by_hash(hash)).has_value(); });
  expect_no_scan("a user by address", [&] {
    (void)await(users_.find_by_email(EmailAddress::from_store("u7@example.com"))).has_value();
  });
  expect_no_scan("a session", [&] { (void)await(sessions_.find("ses_7")).has_value(); });
  expect_no_scan("a session by its token",
                 [&] { (void)await(sessions_.find_by_refresh_hash("old_7")).has_value(); });
  expect_no_scan("a new token", [&] {
    (void)await(sessions_.rotate("ses_8", "hash_8", "new_8", now, now + 1h)).has_value();
  });
  expect_no_scan("live sessions", [&] { (void)await(sessions_.list_live("usr_7", now)).has_value(); });
  expect_no_scan("a list of keys", [&] { (void)await(keys_.list_by_user("usr_7", {}, {})).has_value(); });
  expect_no_scan("notifications",
                 [&] { (void)await(notifications_.list_by_user("usr_7", true, {})).has_value(); });
  expect_no_scan("mails that are due",
                 [&] { (void)await(outbox_.claim("h", WallTime(20s), WallTime(80s), 20)).has_value(); });
  expect_no_scan("how far a node is", [&] { (void)await(usage_.last_sequence("node_1")).has_value(); });
  expect_no_scan("who writes for a node",
                 [&] { (void)await(usage_.lease_node("node_1", "h", now, now + 1h)).has_value(); });
  expect_no_scan("the newest records",
                 [&] { (void)await(usage_.list_newest("usr_7", WallTime::max(), 20)).has_value(); });
  for (const auto* id : {"att_7", "req_7", "req_0117", "msg_017"}) {
    expect_no_scan(id, [&] { (void)await(usage_.find_by_any_id("usr_7", id)).has_value(); });
  }
  for (const auto granularity : {UsageGranularity::hour, UsageGranularity::day, UsageGranularity::month}) {
    const UsageQuery query{.user_id = "usr_7",
                           .from = start_ + 90min,
                           .to = start_ + 75h,
                           .granularity = granularity,
                           .by_model = true};
    expect_no_scan("a report", [&] { (void)await(usage_.report(query)).has_value(); });
  }
  expect_no_scan("a batch of usage", [&] {
    (void)await(usage_.append("node_2", batch_of(1, {a_record(9001, start_), a_record(9002, start_)})))
        .has_value();
  });
}

}  // namespace mysql_plans_test
}  // namespace relay::test
