// A statement with its values: binds by value, so that nothing need outlive the call that binds it.
#pragma once

#include "base/clock.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace soci {
class session;
}

namespace relay {

inline WallTime wall_time(std::int64_t epoch_ms) { return WallTime(std::chrono::milliseconds(epoch_ms)); }
inline std::int64_t epoch_ms(WallTime time) { return time.time_since_epoch().count(); }

/// For a column that is NULL where a text of ours is empty.
inline std::optional<std::string> null_if_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

/// Values are bound in the order of the text's `:names`, results in the order of its columns. All calls throw
/// soci_error: use it inside SqlDatabase::read and write. Belongs to one thread. Use once.
class SqlStatement {
 public:
  explicit SqlStatement(soci::session& sql);
  ~SqlStatement();
  SqlStatement(const SqlStatement&) = delete;
  SqlStatement& operator=(const SqlStatement&) = delete;

  /// What is not UTF-8 in it becomes U+FFFD: MySQL would refuse it.
  SqlStatement& use(std::string value);
  SqlStatement& use(std::string_view value) { return use(std::string(value)); }
  SqlStatement& use(const char* value) { return use(std::string(value)); }
  SqlStatement& use(std::int64_t value);
  SqlStatement& use(int value) { return use(static_cast<std::int64_t>(value)); }
  SqlStatement& use(bool value) { return use(static_cast<std::int64_t>(value ? 1 : 0)); }
  SqlStatement& use(WallTime value) { return use(epoch_ms(value)); }
  SqlStatement& use(const std::optional<std::string>& value);
  SqlStatement& use(const std::optional<std::int64_t>& value);
  SqlStatement& use(const std::optional<WallTime>& value);

  /// Each of them, of one of the types above; returns their marks, for "IN (...)".
  template <class Values>
  std::string use_each(const Values& values) {
    std::string marks;
    int count = 0;
    for (const auto& value : values) {
      use(value);
      marks += (count == 0 ? ":each" : ", :each") + std::to_string(count);
      ++count;
    }
    return marks;
  }

  /// Each `out` must outlive the fetches; it is written by every one. A null needs an
  /// optional: else it throws.
  SqlStatement& into(std::string& out);
  SqlStatement& into(std::int64_t& out);
  SqlStatement& into(bool& out);
  SqlStatement& into(WallTime& out);
  SqlStatement& into(std::optional<std::string>& out);
  SqlStatement& into(std::optional<std::int64_t>& out);
  SqlStatement& into(std::optional<WallTime>& out);

  /// Runs a SELECT; then fetch() row by row until it is false.
  void select(const std::string& text);
  bool fetch();

  /// Runs anything else; how many rows it changed.
  std::int64_t run(const std::string& text);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace relay
