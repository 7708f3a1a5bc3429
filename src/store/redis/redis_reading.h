// How the stores read what their scripts answer.
#pragma once

#include "store/redis/redis_database.h"
#include "store/redis/redis_row.h"

#include <vector>

namespace relay {

/// What a row, or a whole answer, means.
template <class T>
using FromReply = Result<T> (*)(const RedisReply& reply);

template <class T>
Result<std::vector<T>> all_of(const std::vector<RedisReply>& rows, FromReply<T> to) {
  std::vector<T> found;
  found.reserve(rows.size());
  for (const auto& row : rows) {
    TRY(auto value, to(row));
    found.push_back(std::move(value));
  }
  return found;
}

/// Of a script that says whether it did it: 1, or 0.
inline Result<bool> is_one(const RedisReply& reply) { return reply.number == 1; }

/// One call, one value.
template <class T>
Task<T> read_one(RedisDatabase& database, const RedisScript& script, RedisWords words, FromReply<T> to) {
  CO_TRY(const auto reply, co_await database.run(script, std::move(words)));
  co_return to(reply);
}

/// The first `wanted` rows of a list, from the place on.
template <class T>
Task<std::vector<T>> read_list(RedisDatabase& database, const RedisScript& script, RedisWords words,
                               PagePlace place, int wanted, FromReply<T> to) {
  CO_TRY(const auto rows, co_await database.list(script, std::move(words), std::move(place), wanted));
  co_return all_of(rows, to);
}

/// One page of a list that begins with the newest. validation on `cursor`.
template <class T>
Task<Page<T>> read_page(RedisDatabase& database, const RedisScript& script, RedisWords words,
                        PageRequest page, FromReply<T> to) {
  CO_TRY(auto place, parse_cursor(page.cursor));
  const int limit = held_limit(page);
  CO_TRY(const auto rows, co_await database.list(script, std::move(words), std::move(place), limit + 1));
  CO_TRY(auto items, all_of(rows, to));
  co_return to_page(std::move(items), limit);
}

/// The whole of a list that is not long and begins with what was first.
inline PagePlace place_before_all() {
  return {.created_at_ms = std::numeric_limits<std::int64_t>::min(), .id = ""};
}
inline constexpr int kAllRows = std::numeric_limits<int>::max();
/// For RedisDatabase::repeat, where a call of the door has no limit.
inline constexpr auto kNoLimit = std::numeric_limits<std::int64_t>::max();

}  // namespace relay
