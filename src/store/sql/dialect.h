// Where SQL dialects differ: SQLite today, MySQL beside it later. Everything else is one SQL text for both.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace soci {
class session;
class soci_error;
}  // namespace soci

namespace relay {

enum class ViolationKind { unique, foreign_key, other };

/// A constraint that a statement hurt. `column` is "table.column" (the first of several) of a unique one,
/// else empty. MySQL names the index: ours are all called <table>_<column>.
struct Violation {
  ViolationKind kind = ViolationKind::other;
  std::string column;
};

/// Nothing when the driver's error is not about a constraint.
std::optional<Violation> violation_of(const soci::soci_error& error);

/// What is SQLite's. Immutable.
class Dialect {
 public:
  std::string_view name() const { return "sqlite"; }

  /// Begins a transaction that will write. Plain BEGIN takes SQLite's write lock late and then fails with
  /// "database is locked" instead of waiting.
  const char* begin_write() const { return "BEGIN IMMEDIATE"; }

  /// The end of an INSERT: a row with the same `key` columns ("a, b") gets the new values of `columns`.
  std::string on_duplicate_replace(std::string_view key, const std::vector<std::string_view>& columns) const;

  /// The same with assignments written out: "hits = hits + " + inserted("hits").
  std::string on_duplicate_set(std::string_view key, std::string_view assignments) const;

  /// In an assignment of on_duplicate_set: the value that the INSERT had for the column.
  std::string inserted(std::string_view column) const { return "excluded." + std::string(column); }

  /// The end of an INSERT that passes over a row that is there.
  std::string on_duplicate_keep(std::string_view key) const;

  /// Several statements, as migrations have them. Throws soci_error. Inside a transaction SQLite undoes
  /// schema changes too.
  void run_script(soci::session& session, const std::string& script) const;

  bool has_table(soci::session& session, const std::string& table) const;

  /// How long a statement waits for the lock of another process.
  void set_lock_wait(soci::session& session, int milliseconds) const;

  /// A statement that is wrong in itself: no retry will mend it.
  bool is_our_mistake(const soci::soci_error& error) const;
};

/// For `column LIKE :pattern ESCAPE '!'`: any text with `part` in it, taken by the letter.
std::string like_pattern(std::string_view part);
/// The same for a text that begins with `part`.
std::string like_beginning(std::string_view part);

}  // namespace relay
