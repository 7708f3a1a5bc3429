// Where SQL dialects differ: SQLite and MySQL (MariaDB). Everything else is one SQL text for both.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace soci {
class session;
class soci_error;
}  // namespace soci

namespace relay {

class UsageTable;

enum class ViolationKind { unique, foreign_key, other };

/// A constraint that a statement hurt. `index` is <table>_<column> (the first of several) of a unique one, as
/// our indexes are called, else empty. Of a primary key MySQL does not say the table: empty, too.
struct Violation {
  ViolationKind kind = ViolationKind::other;
  std::string index;
};

/// Nothing when the driver's error is not about a constraint. Knows every driver's.
std::optional<Violation> violation_of(const soci::soci_error& error);

enum class FaultKind {
  mistake,   // the statement is wrong in itself: no retry will mend it
  away,      // the store can't do it now
  lost,      // the connection is gone, or could not be made
  conflict,  // another transaction was in the way: the same one again may pass
};

/// Stateless and immutable.
class Dialect {
 public:
  virtual ~Dialect() = default;

  /// The folder of its migrations.
  virtual std::string_view name() const = 0;

  /// Begins a transaction that will write.
  virtual const char* begin_write() const = 0;

  /// The end of an INSERT: a row with the same `key` columns ("a, b") gets the new values of `columns`.
  std::string on_duplicate_replace(std::string_view key, const std::vector<std::string_view>& columns) const;

  /// Whether a duplicate of `key` alone is one for on_duplicate_replace. MySQL takes that of any unique key,
  /// and changes the row of somebody else who has the same e-mail address.
  virtual bool replaces_by_key_alone() const = 0;

  /// The same with assignments written out: "hits = hits + " + inserted("hits").
  virtual std::string on_duplicate_set(std::string_view key, std::string_view assignments) const = 0;

  /// In an assignment of on_duplicate_set: the value that the INSERT had for the column.
  virtual std::string inserted(std::string_view column) const = 0;

  /// The end of an INSERT that passes over a row that is there.
  virtual std::string on_duplicate_keep(std::string_view key) const = 0;

  /// The end of a SELECT in a write: other writers of its rows wait. Empty where writers wait anyway.
  virtual const char* for_update() const = 0;

  /// A condition: `column` is like `parameter` (":name", of like_pattern()), A to Z in either case.
  virtual std::string like(std::string_view column, std::string_view parameter) const = 0;

  /// Behind a table and its alias in FROM: all of it is read, in the order of its primary key. For sums of so
  /// much of it that to look up each row of an index is slower, which MariaDB's optimizer does not see.
  virtual const char* read_in_full() const = 0;

  /// Whether a transaction undoes changes of the schema. If not, migrations go statement by statement.
  virtual bool undoes_schema_changes() const = 0;

  /// Runs text that SOCI's parameters don't understand: for SQLite any number of statements, else one.
  virtual void run_script(soci::session& session, const std::string& script) const = 0;

  virtual bool has_table(soci::session& session, const std::string& table) const = 0;

  /// A SELECT of each table's name, its rows (null: count them) and its bytes with indexes.
  virtual const char* sizes_of_tables() const = 0;

  /// How long a statement waits for the locks of others.
  virtual void set_lock_wait(soci::session& session, int milliseconds) const = 0;

  virtual FaultKind fault_of(const soci::soci_error& error) const = 0;

  /// The driver's words for the log, without values: they are passwords' and keys' hashes.
  virtual std::string words_of(const soci::soci_error& error) const = 0;

  /// Asks the server of a connection that was idle.
  virtual bool is_alive(soci::session& session) const = 0;

  virtual std::unique_ptr<UsageTable> usage_table() const = 0;
};

/// For Dialect::like: any text with `part` in it, taken by the letter.
std::string like_pattern(std::string_view part);
/// The same for a text that begins with `part`.
std::string like_beginning(std::string_view part);

}  // namespace relay
