// A row as a script of the store answers it.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "redis/redis_reply.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace relay {

/// Looks into a reply, which must outlive it: columns and values in turn. What is missing or is no number of
/// its kind is noted, and told by check(): `row.into("id", id).into("name", name).check()`.
class RedisRow {
 public:
  explicit RedisRow(const RedisReply& reply) : reply_(reply) {}

  /// There is no such row.
  bool is_empty() const { return reply_.items.empty(); }

  /// NULL needs an optional.
  RedisRow& into(std::string_view column, std::string& out);
  RedisRow& into(std::string_view column, std::int64_t& out);
  RedisRow& into(std::string_view column, bool& out);
  RedisRow& into(std::string_view column, WallTime& out);
  template <class T>
  RedisRow& into(std::string_view column, std::optional<T>& out) {
    if (find(column) == nullptr) {
      out.reset();
      return *this;
    }
    return into(column, out.emplace());
  }

  /// Of a column that came later: where it is missing, `out` stays.
  RedisRow& into_if_there(std::string_view column, std::int64_t& out) {
    return find(column) == nullptr ? *this : into(column, out);
  }

  /// internal "store_failed" naming the first column that was broken.
  Result<> check() const;

 private:
  const std::string* find(std::string_view column) const;
  void note(std::string_view column);

  const RedisReply& reply_;
  std::string broken_;
};

/// All of `text` as a number; internal "store_failed" for another text.
Result<std::int64_t> to_number(std::string_view text);

/// internal "store_failed": the store holds, or answers, what it never should.
Error broken_store(std::string cause);

}  // namespace relay
