// Numbers for the words that repeat in usage rows: models, accounts, tiers, and keys with their owners.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace soci {
class session;
}

namespace relay {

/// Tables usage_words and usage_keys, with a bounded cache. Used inside the writer's transactions only, so on
/// one thread; throws soci_error. Numbers that were given in a transaction count from keep() on; forget()
/// after a rollback.
class UsageWords {
 public:
  /// 0 for the empty word.
  std::int64_t number_of(soci::session& sql, std::string_view word);
  std::int64_t key_number(soci::session& sql, std::string_view user_id, std::string_view key_id);

  void keep() { fresh_.clear(); }
  void forget();

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::int64_t give_number(soci::session& sql, const std::string& word);
  std::int64_t give_key_number(soci::session& sql, std::string_view user_id, std::string_view key_id);
  void remember(std::string text, std::int64_t number);

  // Words, and "user\0key" for keys: no word has a NUL.
  std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>> numbers_;
  std::vector<std::string> fresh_;
  std::string lookup_;
};

}  // namespace relay
