// What a script of the store is given: words, which the functions at the end of rows.lua read.
#pragma once

#include "base/clock.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace relay {

/// Columns and their values: a row, or changes of one. A value that is not set is NULL.
class RedisFields {
 public:
  RedisFields& set(std::string_view column, std::string value);
  RedisFields& set(std::string_view column, std::string_view value) {
    return set(column, std::string(value));
  }
  RedisFields& set(std::string_view column, const char* value) { return set(column, std::string(value)); }
  RedisFields& set(std::string_view column, std::int64_t value) { return set(column, std::to_string(value)); }
  RedisFields& set(std::string_view column, bool value) { return set(column, value ? "1" : "0"); }
  RedisFields& set(std::string_view column, WallTime value);
  template <class T>
  RedisFields& set(std::string_view column, const std::optional<T>& value) {
    if (value) return set(column, *value);
    nulls_.emplace_back(column);
    return *this;
  }
  /// NULL where it is empty.
  RedisFields& set_or_null(std::string_view column, const std::string& value) {
    return set(column, value.empty() ? std::nullopt : std::optional(value));
  }
  /// Only when there is something to change it to.
  template <class T>
  RedisFields& set_if(std::string_view column, const std::optional<T>& value) {
    return value ? set(column, *value) : *this;
  }

 private:
  friend class RedisWords;
  std::vector<std::string> values_;  // column, value, column, value
  std::vector<std::string> nulls_;
};

/// The words of one call, in the order in which the script reads them.
class RedisWords {
 public:
  /// `call` is the function of the script.
  explicit RedisWords(std::string_view call) { words_.emplace_back(call); }

  RedisWords& add(std::string word);
  RedisWords& add(std::string_view word) { return add(std::string(word)); }
  RedisWords& add(const char* word) { return add(std::string(word)); }
  RedisWords& add(std::int64_t number) { return add(std::to_string(number)); }
  RedisWords& add(int number) { return add(static_cast<std::int64_t>(number)); }
  RedisWords& add(WallTime time);
  RedisWords& add(const RedisFields& fields);              // fields()
  RedisWords& add(const std::vector<std::string>& words);  // list()

  const std::vector<std::string>& words() const { return words_; }

 private:
  std::vector<std::string> words_;
};

}  // namespace relay
