#include "store/sql/dialect.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace relay {

std::optional<Violation> violation_of(const soci::soci_error& error) {
  const auto words = error.get_error_message();
  constexpr std::string_view kUnique = "UNIQUE constraint failed: ";
  if (const auto at = words.find(kUnique); at != std::string::npos) {
    const auto column = words.substr(at + kUnique.size());
    return Violation{.kind = ViolationKind::unique, .column = column.substr(0, column.find_first_of(", "))};
  }
  if (words.find("FOREIGN KEY constraint failed") != std::string::npos) {
    return Violation{.kind = ViolationKind::foreign_key, .column = ""};
  }
  if (words.find(" constraint failed") != std::string::npos) return Violation{};
  return std::nullopt;
}

std::string Dialect::on_duplicate_replace(std::string_view key,
                                          const std::vector<std::string_view>& columns) const {
  std::string assignments;
  for (const auto column : columns) {
    if (!assignments.empty()) assignments += ", ";
    assignments.append(column).append(" = ").append(inserted(column));
  }
  return on_duplicate_set(key, assignments);
}

std::string Dialect::on_duplicate_set(std::string_view key, std::string_view assignments) const {
  return " ON CONFLICT (" + std::string(key) + ") DO UPDATE SET " + std::string(assignments);
}

std::string Dialect::on_duplicate_keep(std::string_view key) const {
  return " ON CONFLICT (" + std::string(key) + ") DO NOTHING";
}

// SOCI prepares one statement and passes over the rest of the text.
void Dialect::run_script(soci::session& session, const std::string& script) const {
  auto* backend = static_cast<soci::sqlite3_session_backend*>(session.get_backend());
  char* words = nullptr;
  const int code = sqlite_api::sqlite3_exec(backend->conn_, script.c_str(), nullptr, nullptr, &words);
  if (code == SQLITE_OK) return;
  const std::string message = words != nullptr ? words : "the script failed";
  sqlite_api::sqlite3_free(words);
  throw soci::sqlite3_soci_error(message, code);
}

bool Dialect::has_table(soci::session& session, const std::string& table) const {
  int count = 0;
  session << "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = :name", soci::into(count),
      soci::use(table);
  return count > 0;
}

void Dialect::set_lock_wait(soci::session& session, int milliseconds) const {
  auto* backend = static_cast<soci::sqlite3_session_backend*>(session.get_backend());
  sqlite_api::sqlite3_busy_timeout(backend->conn_, milliseconds);
}

bool Dialect::is_our_mistake(const soci::soci_error& error) const {
  const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
  if (sqlite == nullptr) return true;  // SOCI's own: a parameter too many, a null without an indicator
  switch (sqlite->result() & 0xFF) {
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
      return true;
    default:
      return false;
  }
}

std::string like_pattern(std::string_view part) { return "%" + like_beginning(part); }

std::string like_beginning(std::string_view part) {
  std::string out;
  for (const char c : part) {
    if (c == '%' || c == '_' || c == '!') out += '!';
    out += c;
  }
  return out + "%";
}

}  // namespace relay
