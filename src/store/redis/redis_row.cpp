#include "store/redis/redis_row.h"

#include <charconv>

namespace relay {

const std::string* RedisRow::find(std::string_view column) const {
  const auto& items = reply_.items;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    if (items[i].text == column) return &items[i + 1].text;
  }
  return nullptr;
}

void RedisRow::note(std::string_view column) {
  if (broken_.empty()) broken_ = column;
}

RedisRow& RedisRow::into(std::string_view column, std::string& out) {
  if (const auto* value = find(column)) {
    out = *value;
  } else {
    note(column);
  }
  return *this;
}

RedisRow& RedisRow::into(std::string_view column, std::int64_t& out) {
  const auto* value = find(column);
  if (value == nullptr) {
    note(column);
    return *this;
  }
  const auto* end = value->data() + value->size();
  const auto [stop, failure] = std::from_chars(value->data(), end, out);
  if (failure != std::errc() || stop != end) note(column);
  return *this;
}

RedisRow& RedisRow::into(std::string_view column, bool& out) {
  std::int64_t number = 0;
  into(column, number);
  out = number != 0;
  return *this;
}

RedisRow& RedisRow::into(std::string_view column, WallTime& out) {
  std::int64_t epoch_ms = 0;
  into(column, epoch_ms);
  out = WallTime(std::chrono::milliseconds(epoch_ms));
  return *this;
}

Result<> RedisRow::check() const {
  if (broken_.empty()) return ok;
  return broken_store("column " + broken_ + " is broken");
}

Result<std::int64_t> to_number(std::string_view text) {
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc() || stop != end) return broken_store("a number is broken");
  return number;
}

Error broken_store(std::string cause) {
  return Error(ErrorKind::internal, "store_failed", "Internal error").because(std::move(cause));
}

}  // namespace relay
