// The ways of MySQL 8 and MariaDB 10.6 and newer.
#pragma once

#include "store/sql/dialect.h"

namespace relay {

std::optional<Violation> mysql_violation_of(const soci::soci_error& error);

class MysqlDialect final : public Dialect {
 public:
  std::string_view name() const override { return "mysql"; }
  const char* begin_write() const override { return "START TRANSACTION"; }
  bool replaces_by_key_alone() const override { return false; }
  std::string on_duplicate_set(std::string_view key, std::string_view assignments) const override;
  std::string inserted(std::string_view column) const override;
  std::string on_duplicate_keep(std::string_view key) const override;
  const char* for_update() const override { return " FOR UPDATE"; }
  std::string like(std::string_view column, std::string_view parameter) const override;
  bool undoes_schema_changes() const override { return false; }
  void run_script(soci::session& session, const std::string& script) const override;
  bool has_table(soci::session& session, const std::string& table) const override;
  const char* sizes_of_tables() const override;
  void set_lock_wait(soci::session& session, int milliseconds) const override;
  FaultKind fault_of(const soci::soci_error& error) const override;
  std::string words_of(const soci::soci_error& error) const override;
  const char* read_in_full() const override { return " FORCE INDEX (PRIMARY)"; }
  bool is_alive(soci::session& session) const override;
  std::unique_ptr<UsageTable> usage_table() const override;
};

/// The server's or the client library's number; 0 for an error of another kind.
unsigned mysql_error_number(const soci::soci_error& error);

}  // namespace relay
