// Databases on the shared MariaDB, for tests.
#pragma once

#include "store/sql/sql_database.h"

#include <cstdint>
#include <string>
#include <vector>

namespace relay::test {

/// Settings for a database of this name on the shared server. It need not be there.
MysqlSettings mariadb_settings(const std::string& name);

/// At the newest version and without rows but those of the migrations. Migrating takes a second, so a
/// database is used again when its test is over: what is in the tables goes, what migrations have put there
/// comes again.
class MariadbDatabase {
 public:
  MariadbDatabase();
  ~MariadbDatabase();
  MariadbDatabase(const MariadbDatabase&) = delete;
  MariadbDatabase& operator=(const MariadbDatabase&) = delete;
  MysqlSettings settings() const { return mariadb_settings(name_); }

 private:
  std::string name_;
};

/// Runs one statement, past all stores.
void run_sql(SqlDatabase& database, const std::string& text);
/// The first column of the first row; -1 when there is none.
std::int64_t sql_number(SqlDatabase& database, const std::string& query);
/// The first column of all rows.
std::vector<std::string> sql_texts(SqlDatabase& database, const std::string& query);

}  // namespace relay::test
