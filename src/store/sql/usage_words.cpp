#include "store/sql/usage_words.h"

#include "store/sql/dialect.h"
#include "store/sql/sql_statement.h"
#include "text/utf8.h"

#include <soci/soci.h>

namespace relay {
namespace {

// A word is a few dozen bytes: at the most some megabytes. Clients choose model names, so there may be many.
constexpr std::size_t kCachedMax = 20'000;
constexpr std::size_t kWordMax = 512;  // of MySQL's column

}  // namespace

std::optional<std::int64_t> UsageWords::find(std::string_view text) const {
  const std::lock_guard lock(mutex_);
  const auto found = numbers_.find(text);
  return found == numbers_.end() ? std::nullopt : std::optional(found->second);
}

void UsageWords::keep(const UsageWordNumbers& numbers) {
  const std::lock_guard lock(mutex_);
  if (numbers_.size() + numbers.size() > kCachedMax) numbers_.clear();
  numbers_.insert(numbers.begin(), numbers.end());
}

std::int64_t UsageWordsInTransaction::number_of(std::string_view word) {
  if (word.empty()) return 0;
  if (const auto found = numbers_.find(word); found != numbers_.end()) return found->second;
  if (const auto known = known_.find(word)) {
    numbers_.emplace(std::string(word), *known);  // without a lock from now on
    return *known;
  }
  auto text = to_valid_utf8(word.substr(0, word.find('\0')), kWordMax);  // a NUL: see UsageWordNumbers
  const auto number = give_number(text);
  numbers_.emplace(std::move(text), number);
  return number;
}

std::int64_t UsageWordsInTransaction::key_number(std::string_view user_id, std::string_view key_id) {
  lookup_.assign(user_id).append(1, '\0').append(key_id);
  if (lookup_ == last_text_) return last_number_;  // mostly that of the record before
  auto found = numbers_.find(lookup_);
  if (found == numbers_.end()) {
    const auto known = known_.find(lookup_);
    found = numbers_.emplace(lookup_, known ? *known : give_key_number(user_id, key_id)).first;
  }
  last_text_ = lookup_;
  last_number_ = found->second;
  return last_number_;
}

// Looked for first, so that no insert is tried in vain: that would use up a number each time. Passing over
// what another node has inserted meanwhile waits for that node's transaction: then its row is seen.
std::int64_t UsageWordsInTransaction::give_number(const std::string& word) {
  const auto find = [&]() -> std::int64_t {
    std::int64_t number = -1;
    SqlStatement select(sql_);
    select.into(number).use(word).select("SELECT id FROM usage_words WHERE word = :word");
    return select.fetch() ? number : -1;
  };
  if (const auto number = find(); number >= 0) return number;
  SqlStatement insert(sql_);
  insert.use(word).run("INSERT INTO usage_words (word) VALUES (:word)" + dialect_.on_duplicate_keep("word"));
  return find();
}

std::int64_t UsageWordsInTransaction::give_key_number(std::string_view user_id, std::string_view key_id) {
  const auto find = [&]() -> std::int64_t {
    std::int64_t number = -1;
    SqlStatement select(sql_);
    select.into(number).use(user_id).use(key_id);
    select.select("SELECT id FROM usage_keys WHERE user_id = :user AND key_id = :key");
    return select.fetch() ? number : -1;
  };
  if (const auto number = find(); number >= 0) return number;
  SqlStatement insert(sql_);
  insert.use(user_id).use(key_id).run("INSERT INTO usage_keys (user_id, key_id) VALUES (:user, :key)" +
                                      dialect_.on_duplicate_keep("user_id, key_id"));
  return find();
}

}  // namespace relay
