#include "store/sql/usage_words.h"

#include "store/sql/sql_statement.h"

#include <soci/soci.h>

namespace relay {
namespace {

// A word is a few dozen bytes: at the most some megabytes. Clients choose model names, so there may be many.
constexpr std::size_t kCachedMax = 20'000;

}  // namespace

void UsageWords::remember(std::string text, std::int64_t number) {
  if (numbers_.size() >= kCachedMax) numbers_.clear();
  fresh_.push_back(text);
  numbers_.emplace(std::move(text), number);
}

void UsageWords::forget() {
  for (const auto& text : fresh_) numbers_.erase(text);
  fresh_.clear();
}

std::int64_t UsageWords::number_of(soci::session& sql, std::string_view word) {
  if (word.empty()) return 0;
  if (const auto found = numbers_.find(word); found != numbers_.end()) return found->second;
  std::string text(word.substr(0, word.find('\0')));  // see numbers_
  const auto number = give_number(sql, text);
  remember(std::move(text), number);
  return number;
}

std::int64_t UsageWords::key_number(soci::session& sql, std::string_view user_id, std::string_view key_id) {
  lookup_.assign(user_id).append(1, '\0').append(key_id);
  if (const auto found = numbers_.find(lookup_); found != numbers_.end()) return found->second;
  const auto number = give_key_number(sql, user_id, key_id);
  remember(lookup_, number);
  return number;
}

std::int64_t UsageWords::give_number(soci::session& sql, const std::string& word) {
  const auto find = [&]() -> std::int64_t {
    std::int64_t number = -1;
    SqlStatement select(sql);
    select.into(number).use(word).select("SELECT id FROM usage_words WHERE word = :word");
    return select.fetch() ? number : -1;
  };
  if (const auto number = find(); number >= 0) return number;
  SqlStatement insert(sql);
  insert.use(word).run("INSERT INTO usage_words (word) VALUES (:word)");
  return find();
}

std::int64_t UsageWords::give_key_number(soci::session& sql, std::string_view user_id,
                                         std::string_view key_id) {
  const auto find = [&]() -> std::int64_t {
    std::int64_t number = -1;
    SqlStatement select(sql);
    select.into(number).use(user_id).use(key_id);
    select.select("SELECT id FROM usage_keys WHERE user_id = :user AND key_id = :key");
    return select.fetch() ? number : -1;
  };
  if (const auto number = find(); number >= 0) return number;
  SqlStatement insert(sql);
  insert.use(user_id).use(key_id).run("INSERT INTO usage_keys (user_id, key_id) VALUES (:user, :key)");
  return find();
}

}  // namespace relay
