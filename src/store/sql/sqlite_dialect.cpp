#include "store/sql/sqlite_dialect.h"

#include "store/sql/sqlite_usage_table.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>

namespace relay {

std::optional<Violation> sqlite_violation_of(const soci::soci_error& error) {
  const auto words = error.get_error_message();
  constexpr std::string_view kUnique = "UNIQUE constraint failed: ";
  if (const auto at = words.find(kUnique); at != std::string::npos) {
    auto index = words.substr(at + kUnique.size());
    index = index.substr(0, index.find_first_of(", "));
    std::replace(index.begin(), index.end(), '.', '_');  // "users.email" is of index users_email
    return Violation{.kind = ViolationKind::unique, .index = std::move(index)};
  }
  if (words.find("FOREIGN KEY constraint failed") != std::string::npos) {
    return Violation{.kind = ViolationKind::foreign_key, .index = ""};
  }
  if (words.find(" constraint failed") != std::string::npos) return Violation{};
  return std::nullopt;
}

std::string SqliteDialect::on_duplicate_set(std::string_view key, std::string_view assignments) const {
  return " ON CONFLICT (" + std::string(key) + ") DO UPDATE SET " + std::string(assignments);
}

std::string SqliteDialect::inserted(std::string_view column) const {
  return "excluded." + std::string(column);
}

std::string SqliteDialect::on_duplicate_keep(std::string_view key) const {
  return " ON CONFLICT (" + std::string(key) + ") DO NOTHING";
}

std::string SqliteDialect::like(std::string_view column, std::string_view parameter) const {
  return std::string(column) + " LIKE " + std::string(parameter) + " ESCAPE '!'";
}

// SOCI prepares one statement and passes over the rest of the text.
void SqliteDialect::run_script(soci::session& session, const std::string& script) const {
  auto* backend = static_cast<soci::sqlite3_session_backend*>(session.get_backend());
  char* words = nullptr;
  const int code = sqlite_api::sqlite3_exec(backend->conn_, script.c_str(), nullptr, nullptr, &words);
  if (code == SQLITE_OK) return;
  const std::string message = words != nullptr ? words : "the script failed";
  sqlite_api::sqlite3_free(words);
  throw soci::sqlite3_soci_error(message, code);
}

bool SqliteDialect::has_table(soci::session& session, const std::string& table) const {
  int count = 0;
  session << "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = :name", soci::into(count),
      soci::use(table);
  return count > 0;
}

const char* SqliteDialect::sizes_of_tables() const {
  return "SELECT m.tbl_name, NULL, SUM(d.pgsize) FROM dbstat d JOIN sqlite_master m ON m.name = d.name"
         " WHERE d.aggregate = TRUE GROUP BY m.tbl_name";
}

void SqliteDialect::set_lock_wait(soci::session& session, int milliseconds) const {
  auto* backend = static_cast<soci::sqlite3_session_backend*>(session.get_backend());
  sqlite_api::sqlite3_busy_timeout(backend->conn_, milliseconds);
}

FaultKind SqliteDialect::fault_of(const soci::soci_error& error) const {
  const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
  // SOCI's own: a parameter too many, a null without an indicator.
  if (sqlite == nullptr) return FaultKind::mistake;
  switch (sqlite->result() & 0xFF) {
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
      return FaultKind::mistake;
    default:
      return FaultKind::away;
  }
}

// what() would add the bound values.
std::string SqliteDialect::words_of(const soci::soci_error& error) const { return error.get_error_message(); }

std::unique_ptr<UsageTable> SqliteDialect::usage_table() const {
  return std::make_unique<SqliteUsageTable>();
}

}  // namespace relay
