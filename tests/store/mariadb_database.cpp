#include "store/mariadb_database.h"

#include "fakes/await.h"
#include "servers/mariadb_server.h"
#include "store/sql/dialect.h"
#include "store/sql/migrations.h"
#include "store/sql/sql_statement.h"

#include <vector>

namespace relay::test {
namespace {

constexpr const char* kSeeded[] = {"plans", "model_prices", "usage_words", "revisions"};

// Of the databases that are nobody's at the moment. Tests run one after the other.
std::vector<std::string>& free_databases() {
  static std::vector<std::string> names;
  return names;
}

void make(const std::string& name) {
  SqlDatabase database(mariadb_settings(name));
  await(migrate(database, WallTime())).value();
  for (const std::string table : kSeeded) {
    run_sql(database, "CREATE TABLE seed_" + table + " AS SELECT * FROM " + table);
  }
}

void clean(const std::string& name) {
  SqlDatabase database(mariadb_settings(name));
  const auto tables =
      sql_texts(database,
                "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
                " AND table_type = 'BASE TABLE' AND table_name NOT LIKE 'seed%'"
                " AND table_name <> 'schema_migrations'");
  await(database.administer([&](soci::session& sql) -> Result<bool> {
    const auto& dialect = database.dialect();
    dialect.run_script(sql, "SET SESSION foreign_key_checks = 0");
    for (const auto& table : tables) dialect.run_script(sql, "DELETE FROM " + table);
    for (const std::string table : kSeeded) {
      dialect.run_script(sql, "INSERT INTO " + table + " SELECT * FROM seed_" + table);
    }
    return true;
  })).value();
}

}  // namespace

MysqlSettings mariadb_settings(const std::string& name) {
  return {.port = shared_mariadb().port(),
          .user = "relay",
          .password = "relay",
          .database = name,
          .connections = 4};
}

MariadbDatabase::MariadbDatabase() {
  static int made = 0;
  auto& free = free_databases();
  if (free.empty()) {
    name_ = "contract_" + std::to_string(++made);
    make(name_);
    return;
  }
  name_ = free.back();
  free.pop_back();
  clean(name_);
}

MariadbDatabase::~MariadbDatabase() { free_databases().push_back(name_); }

void run_sql(SqlDatabase& database, const std::string& text) {
  await(database.administer([&](soci::session& sql) -> Result<bool> {
    database.dialect().run_script(sql, text);
    return true;
  })).value();
}

std::int64_t sql_number(SqlDatabase& database, const std::string& query) {
  return await(database.read([&query](soci::session& sql) -> Result<std::int64_t> {
           std::int64_t value = -1;
           SqlStatement select(sql);
           select.into(value).select(query);
           (void)select.fetch();
           return value;
         }))
      .value();
}

std::vector<std::string> sql_texts(SqlDatabase& database, const std::string& query) {
  return await(database.read([&query](soci::session& sql) -> Result<std::vector<std::string>> {
           std::vector<std::string> texts;
           std::string text;
           SqlStatement select(sql);
           select.into(text).select(query);
           while (select.fetch()) texts.push_back(text);
           return texts;
         }))
      .value();
}

}  // namespace relay::test
