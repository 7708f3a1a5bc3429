#include "store/sql/mysql_dialect.h"

#include "store/sql/mysql_usage_table.h"

#include <soci/mysql/soci-mysql.h>
#include <soci/soci.h>

#include <algorithm>
#include <array>

namespace relay {
namespace {

// Numbers of both servers; those of 3,000 and more mean something else to each.
constexpr unsigned kDuplicate = 1062;
constexpr std::array kForeignKey{1216U, 1217U, 1451U, 1452U};
constexpr std::array kOtherConstraint{1048U, 1364U, 3819U, 4025U};  // null, no default, CHECK of each server
constexpr std::array kConflict{1205U, 1213U, 1020U};                // lock wait, deadlock, row changed
constexpr std::array kLost{1053U, 1077U, 1079U, 1152U, 1158U, 1159U, 1160U, 1161U, 1184U, 1927U, 4031U};
// The server is there, but full, starting, read-only, out of connections, or has stopped a statement that
// took too long. A refused account was right when the process started.
constexpr std::array kAway{1021U, 1030U, 1037U, 1038U, 1040U, 1041U, 1044U, 1045U, 1114U, 1129U, 1130U, 1180U,
                           1203U, 1226U, 1290U, 1317U, 1698U, 1836U, 1969U, 3024U, 1194U, 1195U, 1049U};
// Their quoted words are names, not values.
constexpr std::array kNamesOnly{1044U, 1045U, 1049U, 1054U, 1050U, 1051U, 1060U, 1061U, 1091U, 1142U,
                                1146U, 1304U, 1305U, 1370U, 1406U, 1537U, 1539U, 2002U, 2003U, 2005U};

template <std::size_t Count>
bool has(const std::array<unsigned, Count>& numbers, unsigned number) {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

std::string key_in(const std::string& words) {
  constexpr std::string_view kBefore = " for key '";
  const auto at = words.rfind(kBefore);
  if (at == std::string::npos) return {};
  const auto begin = at + kBefore.size();
  return words.substr(begin, words.find('\'', begin) - begin);
}

// "O'Brien" may be in it: all between the first and the last quote goes.
std::string without_quoted(const std::string& words) {
  const auto first = words.find('\'');
  const auto last = words.rfind('\'');
  if (first == last) return words;
  return words.substr(0, first) + "'...'" + words.substr(last + 1);
}

MYSQL* handle_of(soci::session& session) {
  return static_cast<soci::mysql_session_backend*>(session.get_backend())->conn_;
}

[[noreturn]] void fail(MYSQL* handle) {
  throw soci::mysql_soci_error(::mysql_error(handle), static_cast<int>(::mysql_errno(handle)));
}

}  // namespace

unsigned mysql_error_number(const soci::soci_error& error) {
  const auto* mysql = dynamic_cast<const soci::mysql_soci_error*>(&error);
  return mysql == nullptr ? 0 : mysql->err_num_;
}

std::optional<Violation> mysql_violation_of(const soci::soci_error& error) {
  const auto number = mysql_error_number(error);
  if (number == kDuplicate) {
    auto key = key_in(error.get_error_message());
    key = key.substr(key.find('.') + 1);  // MySQL puts the table before it
    if (key == "PRIMARY") key.clear();
    return Violation{.kind = ViolationKind::unique, .index = std::move(key)};
  }
  if (has(kForeignKey, number)) return Violation{.kind = ViolationKind::foreign_key, .index = ""};
  if (has(kOtherConstraint, number)) return Violation{};
  return std::nullopt;
}

std::string MysqlDialect::on_duplicate_set(std::string_view, std::string_view assignments) const {
  return " ON DUPLICATE KEY UPDATE " + std::string(assignments);
}

// MySQL 8.0.20 would rather have an alias, which MariaDB does not know.
std::string MysqlDialect::inserted(std::string_view column) const {
  return "VALUES(" + std::string(column) + ")";
}

// Not INSERT IGNORE: that would pass over a broken reference and a text that is too long, too.
std::string MysqlDialect::on_duplicate_keep(std::string_view key) const {
  const std::string column(key.substr(0, key.find(',')));
  return " ON DUPLICATE KEY UPDATE " + column + " = " + column;
}

// SQLite folds A to Z and nothing else, and so must this. No collation for utf8mb4 does. LOWER on the bytes
// as if they were Hebrew does: that script has no case.
std::string MysqlDialect::like(std::string_view column, std::string_view parameter) const {
  const auto folded = [](std::string_view text) {
    return "CAST(LOWER(CONVERT(CAST(" + std::string(text) + " AS BINARY) USING hebrew)) AS BINARY)";
  };
  return folded(column) + " LIKE " + folded(parameter) + " ESCAPE '!'";
}

void MysqlDialect::run_script(soci::session& session, const std::string& script) const {
  auto* handle = handle_of(session);
  if (::mysql_real_query(handle, script.data(), static_cast<unsigned long>(script.size())) != 0) fail(handle);
  for (int more = 0; more == 0; more = ::mysql_next_result(handle)) {
    if (auto* result = ::mysql_store_result(handle)) ::mysql_free_result(result);
  }
  if (::mysql_errno(handle) != 0) fail(handle);
}

bool MysqlDialect::has_table(soci::session& session, const std::string& table) const {
  int count = 0;
  session << "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name ="
             " :name",
      soci::into(count), soci::use(table);
  return count > 0;
}

const char* MysqlDialect::sizes_of_tables() const {
  return "SELECT table_name, table_rows, data_length + index_length FROM information_schema.tables"
         " WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'";
}

// Of rows, and of tables whose shape somebody changes: by itself that wait would be a day, and all others
// behind it.
void MysqlDialect::set_lock_wait(soci::session& session, int milliseconds) const {
  const auto seconds = std::to_string(std::max(1, milliseconds / 1000));
  run_script(session,
             "SET SESSION innodb_lock_wait_timeout = " + seconds + ", lock_wait_timeout = " + seconds);
}

FaultKind MysqlDialect::fault_of(const soci::soci_error& error) const {
  const auto number = mysql_error_number(error);
  if (has(kConflict, number)) return FaultKind::conflict;
  constexpr unsigned kClientMin = 2000;  // numbers of the client library: all about the connection
  constexpr unsigned kClientMax = 2999;
  constexpr unsigned kOutOfSync = 2014;
  if (number == kOutOfSync || has(kLost, number)) return FaultKind::lost;
  if (number >= kClientMin && number <= kClientMax) return FaultKind::lost;
  if (has(kAway, number)) return FaultKind::away;
  return FaultKind::mistake;
}

std::string MysqlDialect::words_of(const soci::soci_error& error) const {
  const auto number = mysql_error_number(error);
  auto words = error.get_error_message();
  if (number == 0) return words;
  if (number == kDuplicate) {
    words = "duplicate entry for key '" + key_in(words) + "'";
  } else if (!has(kNamesOnly, number)) {
    words = without_quoted(words);
  }
  return words + " (MySQL error " + std::to_string(number) + ")";
}

bool MysqlDialect::is_alive(soci::session& session) const { return ::mysql_ping(handle_of(session)) == 0; }

std::unique_ptr<UsageTable> MysqlDialect::usage_table() const { return std::make_unique<MysqlUsageTable>(); }

}  // namespace relay
