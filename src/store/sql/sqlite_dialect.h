// SQLite's own ways.
#pragma once

#include "store/sql/dialect.h"

namespace relay {

std::optional<Violation> sqlite_violation_of(const soci::soci_error& error);

class SqliteDialect final : public Dialect {
 public:
  std::string_view name() const override { return "sqlite"; }
  /// Plain BEGIN takes the write lock late and then fails with "database is locked" instead of waiting.
  const char* begin_write() const override { return "BEGIN IMMEDIATE"; }
  bool replaces_by_key_alone() const override { return true; }
  std::string on_duplicate_set(std::string_view key, std::string_view assignments) const override;
  std::string inserted(std::string_view column) const override;
  std::string on_duplicate_keep(std::string_view key) const override;
  const char* for_update() const override { return ""; }
  std::string like(std::string_view column, std::string_view parameter) const override;
  bool undoes_schema_changes() const override { return true; }
  void run_script(soci::session& session, const std::string& script) const override;
  bool has_table(soci::session& session, const std::string& table) const override;
  const char* sizes_of_tables() const override;
  void set_lock_wait(soci::session& session, int milliseconds) const override;
  FaultKind fault_of(const soci::soci_error& error) const override;
  std::string words_of(const soci::soci_error& error) const override;
  const char* read_in_full() const override { return " NOT INDEXED"; }
  bool is_alive(soci::session&) const override { return true; }
  std::unique_ptr<UsageTable> usage_table() const override;
};

}  // namespace relay
