// What only a server has: connections that are lost, transactions that meet, accounts, certificates.
#include "fakes/await.h"
#include "fakes/test_certificate.h"
#include "servers/mariadb_server.h"
#include "metering/records.h"
#include "store/mariadb_database.h"
#include "store/sql/dialect.h"
#include "store/sql/migrations.h"
#include "store/sql/sql_plan_store.h"
#include "store/sql/sql_statement.h"
#include "store/sql/sql_usage_store.h"
#include "store/temporary_folder.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace relay::test {
namespace mysql_database_test {

using namespace std::chrono_literals;

Result<> run(SqlDatabase& database, const std::string& text) {
  return await(database.write([&text](soci::session& sql) -> Result<> {
    SqlStatement(sql).run(text);
    return {};
  }));
}

std::string why_not(const MysqlSettings& settings) {
  try {
    SqlDatabase database(settings);
    return "opened";
  } catch (const std::runtime_error& caught) {
    return caught.what();
  }
}

class MysqlDatabaseTest : public testing::Test {
 protected:
  MysqlDatabaseTest() {
    run_sql(database_, "DROP TABLE IF EXISTS child, parent, numbers");
    run_sql(database_, "CREATE TABLE numbers (id INT PRIMARY KEY, n INT NOT NULL)");
    run_sql(database_, "INSERT INTO numbers VALUES (1, 0), (2, 0)");
  }
  SqlDatabase database_{mariadb_settings("database_test")};
};

TEST_F(MysqlDatabaseTest, HasSessionsThatAreStrictInUtcAndBounded) {
  const auto variable = [&](const std::string& name) {
    return sql_texts(database_, "SELECT CAST(@@SESSION." + name + " AS CHAR)").front();
  };
  EXPECT_EQ(variable("time_zone"), "+00:00");
  EXPECT_EQ(variable("tx_isolation"), "READ-COMMITTED");
  EXPECT_EQ(variable("character_set_client"), "utf8mb4");
  EXPECT_EQ(variable("collation_connection"), "utf8mb4_bin");
  EXPECT_EQ(variable("innodb_lock_wait_timeout"), "3");
  EXPECT_EQ(variable("max_statement_time"), "5.000000");
  EXPECT_NE(variable("sql_mode").find("STRICT_ALL_TABLES"), std::string::npos);
  EXPECT_EQ(variable("sql_mode").find("NO_BACKSLASH_ESCAPES"), std::string::npos);
}

TEST_F(MysqlDatabaseTest, KeepsEveryCharacterOfAText) {
  run_sql(database_, "CREATE OR REPLACE TABLE texts (t TEXT) CHARACTER SET utf8mb4");
  const std::string text("a'b\"c\\d\n%_;--\0\xF0\x9F\x90\x98 :name ?", 27);
  ASSERT_TRUE(await(database_.write([&](soci::session& sql) -> Result<> {
                SqlStatement(sql).use(text).run("INSERT INTO texts VALUES (:t)");
                return {};
              })).has_value());
  EXPECT_EQ(sql_texts(database_, "SELECT t FROM texts").front(), text);
  // What is not UTF-8 is mended, not refused.
  ASSERT_TRUE(await(database_.write([](soci::session& sql) -> Result<> {
                SqlStatement(sql).use("x\xC3").run("UPDATE texts SET t = :t");
                return {};
              })).has_value());
  EXPECT_EQ(sql_texts(database_, "SELECT t FROM texts").front(), "x\xEF\xBF\xBD");
}

TEST_F(MysqlDatabaseTest, TellsTheKindsOfFailureApart) {
  run_sql(database_,
          "CREATE TABLE parent (id INT PRIMARY KEY, secret VARCHAR(50), UNIQUE KEY parent_secret (secret))");
  run_sql(
      database_,
      "CREATE TABLE child (parent INT, n INT, FOREIGN KEY (parent) REFERENCES parent (id), CHECK (n > 0))");
  ASSERT_TRUE(run(database_, "INSERT INTO parent VALUES (1, 'it''s hidden')").has_value());
  const auto again = run(database_, "INSERT INTO parent VALUES (2, 'it''s hidden')");
  EXPECT_EQ(again.error().code(), "duplicate");
  EXPECT_NE(again.error().cause().find("parent_secret"), std::string::npos) << again.error().cause();
  EXPECT_EQ(again.error().cause().find("hidden"), std::string::npos) << again.error().cause();
  EXPECT_EQ(run(database_, "INSERT INTO child VALUES (2, 1)").error().code(), "reference_broken");
  EXPECT_EQ(run(database_, "INSERT INTO child VALUES (1, 0)").error().kind(), ErrorKind::internal);
  const auto nonsense = run(database_, "INSERT INTO parent VALUES ('hidden' 'x', )");
  EXPECT_EQ(nonsense.error().kind(), ErrorKind::internal);
  EXPECT_EQ(nonsense.error().cause().find("hidden"), std::string::npos) << nonsense.error().cause();
}

// A waits for what B holds, and B for what A holds: one of them is rolled back by the server, and runs again.
TEST_F(MysqlDatabaseTest, RunsATransactionAgainThatADeadlockHasEnded) {
  std::mutex mutex;
  std::condition_variable changed;
  int holding = 0;
  std::atomic<int> runs{0};
  const auto add_to_both = [&](int first, int second) {
    return await(database_.write([&, first, second](soci::session& sql) -> Result<> {
      ++runs;
      const auto add = [&](int id) {
        SqlStatement(sql).use(id).run("UPDATE numbers SET n = n + 1 WHERE id = :id");
      };
      add(first);
      {
        std::unique_lock lock(mutex);
        ++holding;
        changed.notify_all();
        changed.wait(lock, [&] { return holding >= 2; });
      }
      add(second);
      return {};
    }));
  };
  Result<> other;
  SqlDatabase more(mariadb_settings("database_test"));
  std::jthread thread([&] { other = add_to_both(2, 1); });
  // One writer thread of this pool is taken: the other transaction needs another one.
  const auto mine = await(more.write([&](soci::session& sql) -> Result<> {
    ++runs;
    const auto add = [&](int id) {
      SqlStatement(sql).use(id).run("UPDATE numbers SET n = n + 1 WHERE id = :id");
    };
    add(1);
    {
      std::unique_lock lock(mutex);
      ++holding;
      changed.notify_all();
      changed.wait(lock, [&] { return holding >= 2; });
    }
    add(2);
    return {};
  }));
  thread.join();
  EXPECT_TRUE(mine.has_value()) << mine.error().cause();
  EXPECT_TRUE(other.has_value()) << other.error().cause();
  EXPECT_GE(runs, 3);
  EXPECT_EQ(sql_number(database_, "SELECT SUM(n) FROM numbers"), 4);
}

TEST_F(MysqlDatabaseTest, RunsATransactionAgainThatLostARaceAndGivesUpInTheEnd) {
  int runs = 0;
  const auto outcome = await(database_.write([&](soci::session&) -> Result<> {
    if (++runs < 3) throw RaceLost("test");
    return {};
  }));
  EXPECT_TRUE(outcome.has_value());
  EXPECT_EQ(runs, 3);
  runs = 0;
  const auto never = await(database_.write([&](soci::session&) -> Result<> {
    ++runs;
    throw RaceLost("test");
  }));
  EXPECT_EQ(never.error().kind(), ErrorKind::unavailable);
  EXPECT_EQ(runs, SqlDatabase::kWriteTries);
}

TEST_F(MysqlDatabaseTest, ConnectsAgainWhenTheServerHasEndedTheConnection) {
  const auto kill_all = [&] {
    SqlDatabase other(mariadb_settings("another"));
    const auto ids =
        sql_texts(other, "SELECT id FROM information_schema.processlist WHERE db = 'database_test'");
    for (const auto& id : ids) static_cast<void>(run(other, "KILL CONNECTION " + id));  // or it has just gone
  };
  EXPECT_EQ(sql_number(database_, "SELECT COUNT(*) FROM numbers"), 2);
  kill_all();
  EXPECT_EQ(sql_number(database_, "SELECT COUNT(*) FROM numbers"), 2);
  ASSERT_TRUE(run(database_, "UPDATE numbers SET n = 7 WHERE id = 1").has_value());
  kill_all();
  EXPECT_TRUE(run(database_, "UPDATE numbers SET n = n + 1 WHERE id = 1").has_value());
  EXPECT_EQ(sql_number(database_, "SELECT n FROM numbers WHERE id = 1"), 8);
}

// Nothing of a transaction stays whose COMMIT was not sent: it can run again, but not for ever.
TEST_F(MysqlDatabaseTest, RunsAWriteOnceMoreWhoseConnectionWasLostBeforeItsCommit) {
  int runs = 0;
  int losses = 1;
  const auto write = [&] {
    return await(database_.write([&](soci::session& sql) -> Result<> {
      SqlStatement(sql).run("UPDATE numbers SET n = n + 100 WHERE id = 1");
      if (++runs <= losses) {
        SqlDatabase other(mariadb_settings("another"));
        std::int64_t id = 0;
        {
          SqlStatement select(sql);
          select.into(id).select("SELECT CONNECTION_ID()");
          (void)select.fetch();
        }
        run_sql(other, "KILL CONNECTION " + std::to_string(id));
      }
      SqlStatement(sql).run("UPDATE numbers SET n = n + 100 WHERE id = 2");
      return {};
    }));
  };
  EXPECT_EQ(sql_number(database_, "SELECT SUM(n) FROM numbers"), 0);
  const auto outcome = write();
  EXPECT_TRUE(outcome.has_value()) << outcome.error().cause();
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(sql_number(database_, "SELECT SUM(n) FROM numbers"), 200) << "and its half is there once";
  runs = 0;
  losses = 9;
  const auto never = write();
  ASSERT_TRUE(never.has_error());
  EXPECT_EQ(never.error().kind(), ErrorKind::unavailable);
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(sql_number(database_, "SELECT SUM(n) FROM numbers"), 200);
}

TEST(MysqlOutage, IsUnavailableUntilTheServerIsBack) {
  MariadbServer server;
  const MysqlSettings settings{
      .port = server.port(), .user = "relay", .password = "relay", .database = "outage"};
  SqlDatabase database(settings);
  ASSERT_TRUE(await(migrate(database, WallTime())).has_value());
  SqlPlanStore plans(database);
  EXPECT_TRUE(await(plans.find("free")).has_value());
  std::atomic<bool> stop{false};
  std::atomic<int> good{0}, unavailable{0}, other{0};
  const auto call = [&] {
    const auto found = await(plans.find("free"));
    auto& count = found.has_value()                                ? good
                  : found.error().kind() == ErrorKind::unavailable ? unavailable
                                                                   : other;
    ++count;
  };
  std::jthread calls([&] {
    while (!stop) call();
  });
  const auto wait_for = [](const std::atomic<int>& count) {
    for (int tries = 0, seen = count; tries < 2000 && count == seen; ++tries)
      std::this_thread::sleep_for(10ms);
  };
  wait_for(good);
  server.kill();
  wait_for(unavailable);
  server.start();
  wait_for(good);
  stop = true;
  calls.join();
  EXPECT_GT(good, 0);
  EXPECT_GT(unavailable, 0);
  EXPECT_EQ(other, 0);
  EXPECT_TRUE(await(plans.find("free")).has_value());
  EXPECT_EQ(await(plans.find("nothing")).error().kind(), ErrorKind::not_found);
}

// As the usage writer does it: a batch comes again until it was taken, whatever became of it before.
TEST(MysqlOutage, StoresEachBatchOnceWhileTheServerIsKilledAgainAndAgain) {
  MariadbServer server;
  SqlDatabase database(
      {.port = server.port(), .user = "relay", .password = "relay", .database = "outage", .connections = 4});
  ASSERT_TRUE(await(migrate(database, WallTime())).has_value());
  SqlUsageStore usage(database);
  constexpr int kBatches = 150;
  constexpr int kRows = 30;
  std::atomic<int> stored{0}, failed{0};
  std::jthread writer([&] {
    for (int batch = 0; batch < kBatches; ++batch) {
      std::vector<UsageRecord> records;
      for (int i = 0; i < kRows; ++i) {
        records.push_back(a_record(batch * kRows + i));
        records.back().model = "model-" + std::to_string(batch);
      }
      for (;;) {
        const auto outcome = await(usage.append("node_1", batch_of(batch * kRows + 1, records)));
        if (outcome.has_value()) break;
        ++failed;
        EXPECT_EQ(outcome.error().kind(), ErrorKind::unavailable) << outcome.error().cause();
        std::this_thread::sleep_for(5ms);
      }
      ++stored;
    }
  });
  for (int kills = 1; kills <= 4; ++kills) {
    while (stored < kills * kBatches / 5) std::this_thread::sleep_for(1ms);
    server.kill();
    server.start();
  }
  writer.join();
  EXPECT_GT(failed, 0);
  const auto rows = std::int64_t{kBatches} * kRows;
  EXPECT_EQ(sql_number(database, "SELECT COUNT(*) FROM usage_logs"), rows);
  EXPECT_EQ(sql_number(database, "SELECT SUM(requests) FROM usage_daily"), rows);
  EXPECT_EQ(sql_number(database, "SELECT COUNT(*) FROM usage_entries"), rows);
  EXPECT_EQ(await(usage.last_sequence("node_1")).value(), rows);
}

TEST(MysqlStart, SaysPlainlyWhatIsWrong) {
  auto settings = mariadb_settings("start_test");
  const auto expect = [&](const MysqlSettings& wrong, const std::string& words) {
    const auto said = why_not(wrong);
    EXPECT_NE(said.find(words), std::string::npos) << said;
    EXPECT_EQ(said.find("hunter2"), std::string::npos) << said;
  };
  auto nowhere = settings;
  nowhere.port = free_port();
  expect(nowhere, "no answer from 127.0.0.1:" + std::to_string(nowhere.port));
  auto stranger = settings;
  stranger.password = "hunter2";
  expect(stranger, "refuses the account 'relay'");
  SqlDatabase database(settings);
  run_sql(database, "CREATE OR REPLACE USER 'small'@'%' IDENTIFIED BY 'hunter2'");
  auto forbidden = settings;
  forbidden.user = "small";
  forbidden.password = "hunter2";
  forbidden.database = "not_mine";
  expect(forbidden, "may not create it");
  auto odd = settings;
  odd.host = "a;b=c";
  expect(odd, "MYSQL_HOST");
}

TEST(MysqlStart, MakesTheDatabaseAndTakesAnyPassword) {
  SqlDatabase root(mariadb_settings("start_test"));
  run_sql(root, "DROP DATABASE IF EXISTS `made ``here`");
  run_sql(root, R"(CREATE OR REPLACE USER 'odd'@'%' IDENTIFIED BY 'a;b''c\\d "e}=f')");
  run_sql(root, "GRANT ALL ON *.* TO 'odd'@'%'");
  auto settings = mariadb_settings("made `here");
  settings.user = "odd";
  settings.password = R"(a;b'c\d "e}=f)";
  SqlDatabase database(settings);
  EXPECT_EQ(sql_texts(database,
                      "SELECT default_collation_name FROM information_schema.schemata"
                      " WHERE schema_name = DATABASE()"),
            std::vector<std::string>{"utf8mb4_bin"});
  run_sql(root, "DROP DATABASE `made ``here`");
}

TEST(MysqlStart, CommitsWhereTheServerWouldNot) {
  MariadbServer server({"--autocommit=0"});
  const MysqlSettings settings{
      .port = server.port(), .user = "relay", .password = "relay", .database = "commits"};
  {
    SqlDatabase database(settings);
    await(migrate(database, WallTime())).value();
  }
  SqlDatabase database(settings);
  EXPECT_TRUE(await(migration_status(database)).value().is_current());
}

TEST(MysqlTls, IsRequiredAndChecked) {
  TemporaryFolder folder;
  write_certificate(folder.file("cert.pem"), folder.file("key.pem"), "IP:127.0.0.1");
  write_certificate(folder.file("other.pem"), folder.file("other_key.pem"), "IP:127.0.0.1");
  write_certificate(folder.file("elsewhere.pem"), folder.file("elsewhere_key.pem"), "IP:192.0.2.1");
  MariadbServer server({"--ssl-cert=" + folder.file("cert.pem"), "--ssl-key=" + folder.file("key.pem")});
  MysqlSettings settings{.port = server.port(), .user = "relay", .password = "relay", .database = "tls"};
  settings.ca_file = folder.file("cert.pem");
  {
    SqlDatabase database(settings);
    EXPECT_EQ(sql_texts(database,
                        "SELECT CONCAT(@@have_ssl, VARIABLE_VALUE <> '') FROM"
                        " information_schema.session_status WHERE VARIABLE_NAME = 'SSL_CIPHER'")
                  .front(),
              "YES1");
  }
  // The name is the one that was given, and "localhost" no socket file.
  settings.host = "localhost";
  EXPECT_NE(why_not(settings).find("no trusted connection"), std::string::npos) << why_not(settings);
  write_certificate(folder.file("local.pem"), folder.file("local_key.pem"), "DNS:localhost");
  MariadbServer of_local_name(
      {"--ssl-cert=" + folder.file("local.pem"), "--ssl-key=" + folder.file("local_key.pem")});
  auto local = settings;
  local.port = of_local_name.port();
  local.ca_file = folder.file("local.pem");
  EXPECT_EQ(why_not(local), "opened");
  settings.host = "127.0.0.1";

  settings.ca_file = folder.file("other.pem");
  EXPECT_NE(why_not(settings).find("no trusted connection"), std::string::npos) << why_not(settings);

  MariadbServer of_another_name(
      {"--ssl-cert=" + folder.file("elsewhere.pem"), "--ssl-key=" + folder.file("elsewhere_key.pem")});
  settings.ca_file = folder.file("elsewhere.pem");
  settings.port = of_another_name.port();
  EXPECT_NE(why_not(settings).find("no trusted connection"), std::string::npos) << why_not(settings);

  // A server, or somebody before it, that says it knows no TLS: no password goes out in the clear.
  settings.port = shared_mariadb().port();
  EXPECT_NE(why_not(settings).find("no trusted connection"), std::string::npos) << why_not(settings);
}

TEST(MysqlPool, RefusesAtOnceWhenItIsFull) {
  auto settings = mariadb_settings("database_test");
  settings.connections = 2;
  settings.queue_limit = 3;
  SqlDatabase database(settings);
  constexpr int kCalls = 20;
  std::atomic<int> done{0}, refused{0};
  std::chrono::steady_clock::duration slowest_refusal{};
  std::mutex mutex;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kCalls; ++i) {
      threads.emplace_back([&] {
        const auto began = std::chrono::steady_clock::now();
        const auto outcome = await(database.read([](soci::session& sql) -> Result<bool> {
          std::int64_t slept = 0;
          SqlStatement select(sql);
          select.into(slept).select("SELECT SLEEP(0.5)");
          return select.fetch();
        }));
        if (outcome.has_value()) {
          ++done;
          return;
        }
        EXPECT_EQ(outcome.error().kind(), ErrorKind::unavailable);
        EXPECT_TRUE(outcome.error().retry_after().has_value());
        ++refused;
        const std::lock_guard lock(mutex);
        slowest_refusal = std::max(slowest_refusal, std::chrono::steady_clock::now() - began);
      });
    }
  }
  EXPECT_EQ(done, 4);  // one that runs, three that wait
  EXPECT_EQ(refused, kCalls - 4);
  EXPECT_LT(slowest_refusal, 400ms);
}

// As SQLite does it: A to Z, and nothing else.
TEST_F(MysqlDatabaseTest, SearchesInEitherCaseOfAToZ) {
  run_sql(database_, "CREATE OR REPLACE TABLE texts (t TEXT) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
  run_sql(database_, "INSERT INTO texts VALUES ('Ann\xC3\x9C_x%')");
  const auto finds = [&](const std::string& words) {
    return await(database_.read([&](soci::session& sql) -> Result<bool> {
             std::string text;
             SqlStatement select(sql);
             select.into(text).use(like_pattern(words));
             select.select("SELECT t FROM texts WHERE " + database_.dialect().like("t", ":t"));
             return select.fetch();
           }))
        .value();
  };
  EXPECT_TRUE(finds("aNN\xC3\x9C"));
  EXPECT_FALSE(finds("ann\xC3\xBC"));
  EXPECT_TRUE(finds("_X%"));
  EXPECT_FALSE(finds("n_x"));
}

}  // namespace mysql_database_test
}  // namespace relay::test
