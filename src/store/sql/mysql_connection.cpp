#include "store/sql/mysql_connection.h"

#include "store/sql/mysql_dialect.h"

#include <soci/mysql/soci-mysql.h>
#include <soci/soci.h>

#include <stdexcept>
#include <string_view>

namespace relay {
namespace {

constexpr std::chrono::seconds kPatience{3600};

// NO_AUTO_VALUE_ON_ZERO: word 0 is the empty word. Not NO_BACKSLASH_ESCAPES: SOCI quotes with backslashes.
constexpr const char* kMode =
    "SET SESSION sql_mode = "
    "'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE,"
    "NO_ZERO_IN_DATE,NO_AUTO_VALUE_ON_ZERO'";

// SOCI's connection string: in single quotes, a backslash before what would end it.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

// SOCI 4.0 can name a CA but not ask for the check of the name, and without that check the client library
// goes on in the clear with a server that has no TLS. The library takes options in the place of the host, and
// with them the name as it was given: for "localhost" it would else look for a socket file.
std::string host_of(const MysqlSettings& settings) {
  const auto& host = settings.host;
  if ((host + settings.ca_file).find_first_of(";='\"\\") != std::string::npos) {
    throw std::runtime_error("a quote, backslash, equals sign or semicolon in MYSQL_HOST or MYSQL_SSL_CA");
  }
  if (settings.ca_file.empty()) return host == "localhost" ? "127.0.0.1" : host;
  return "host=" + host + ";protocol=1;ssl_ca=" + settings.ca_file + ";ssl_verify_server_cert=1";
}

void connect(soci::session& session, const MysqlSettings& settings, const std::string& database,
             std::chrono::seconds answer_timeout) {
  auto words = "host=" + quoted(host_of(settings)) + " port=" + std::to_string(settings.port) +
               " user=" + quoted(settings.user) + " password=" + quoted(settings.password) +
               " charset=utf8mb4 connect_timeout=" + std::to_string(settings.connect_timeout.count()) +
               " read_timeout=" + std::to_string(answer_timeout.count()) +
               " write_timeout=" + std::to_string(settings.connect_timeout.count());
  if (!database.empty()) words += " db=" + quoted(database);
  session.open(soci::mysql, words);
  auto* handle = static_cast<soci::mysql_session_backend*>(session.get_backend())->conn_;
  if (!settings.ca_file.empty() && ::mysql_get_ssl_cipher(handle) == nullptr) {
    session.close();
    throw std::runtime_error("the connection is not encrypted");
  }
}

void prepare_session(soci::session& session, std::chrono::seconds statement_timeout, int lock_wait_ms) {
  const MysqlDialect dialect;
  auto* handle = static_cast<soci::mysql_session_backend*>(session.get_backend())->conn_;
  const auto seconds = std::to_string(statement_timeout.count());
  dialect.run_script(session, kMode);
  dialect.run_script(session, "SET SESSION autocommit = 1");  // a server may be told otherwise
  dialect.run_script(session, "SET NAMES utf8mb4 COLLATE utf8mb4_bin");
  dialect.run_script(session, "SET SESSION time_zone = '+00:00'");
  dialect.run_script(session, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
  dialect.set_lock_wait(session, lock_wait_ms);
  dialect.run_script(
      session, std::string_view(::mysql_get_server_info(handle)).find("MariaDB") != std::string_view::npos
                   ? "SET SESSION max_statement_time = " + seconds
                   : "SET SESSION max_execution_time = " + seconds + "000");
}

std::string quoted_name(const std::string& name) {
  std::string out = "`";
  for (const char c : name) out += c == '`' ? "``" : std::string(1, c);
  return out + "`";
}

std::string where(const MysqlSettings& settings) {
  return settings.host + ":" + std::to_string(settings.port);
}

[[noreturn]] void explain(const MysqlSettings& settings, const soci::soci_error& caught) {
  const auto words = MysqlDialect().words_of(caught);
  const auto database = "Can't open the MySQL database " + settings.database + ": ";
  switch (mysql_error_number(caught)) {
    case 2002:
    case 2003:
    case 2005:
    case 2013:
      throw std::runtime_error(database + "no answer from " + where(settings) +
                               " (MYSQL_HOST, MYSQL_PORT): " + words);
    case 2026:
      throw std::runtime_error(database + "no trusted connection to " + where(settings) +
                               " (MYSQL_SSL_CA): " + words);
    case 1045:
    case 1698:
      throw std::runtime_error(database + where(settings) + " refuses the account '" + settings.user +
                               "' (MYSQL_USER, MYSQL_PASSWORD): " + words);
    case 1044:
      throw std::runtime_error(
          database + "the account '" + settings.user +
          "' may not use it, or it is not there and the account may not create it: " + words);
    default:
      throw std::runtime_error(database + words);
  }
}

}  // namespace

void open_mysql(soci::session& session, const MysqlSettings& settings) {
  connect(session, settings, settings.database, settings.answer_timeout);
  prepare_session(session, settings.statement_timeout, 3000);
}

void open_mysql_patient(soci::session& session, const MysqlSettings& settings) {
  connect(session, settings, settings.database, kPatience);
  prepare_session(session, kPatience, 60'000);
}

void prepare_mysql(const MysqlSettings& settings) {
  constexpr unsigned kNoSuchDatabase = 1049;
  try {
    soci::session session;
    try {
      open_mysql(session, settings);
      return;
    } catch (const soci::soci_error& caught) {
      if (mysql_error_number(caught) != kNoSuchDatabase) throw;
    }
    session.close();
    connect(session, settings, "", settings.answer_timeout);
    MysqlDialect().run_script(session, "CREATE DATABASE IF NOT EXISTS " + quoted_name(settings.database) +
                                           " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
  } catch (const soci::soci_error& caught) {
    explain(settings, caught);
  } catch (const std::runtime_error& caught) {
    throw std::runtime_error("Can't open the MySQL database " + settings.database + ": " + caught.what());
  }
}

}  // namespace relay
