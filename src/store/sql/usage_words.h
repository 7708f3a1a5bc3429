// Numbers for the words that repeat in usage rows: models, accounts, tiers, and keys with their owners.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace soci {
class session;
}

namespace relay {

class Dialect;

struct UsageWordHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
/// Words, and "user\0key" for keys: no word has a NUL.
using UsageWordNumbers = std::unordered_map<std::string, std::int64_t, UsageWordHash, std::equal_to<>>;

/// What of the tables usage_words and usage_keys is known to be stored. Bounded. Thread-safe.
class UsageWords {
 public:
  std::optional<std::int64_t> find(std::string_view text) const;
  /// After the commit of the transaction that they were found or given in.
  void keep(const UsageWordNumbers& numbers);

 private:
  mutable std::mutex mutex_;
  UsageWordNumbers numbers_;
};

/// Numbers for one transaction: what is given in it is only kept when it was committed. Throws soci_error.
class UsageWordsInTransaction {
 public:
  UsageWordsInTransaction(const UsageWords& known, soci::session& sql, const Dialect& dialect)
      : known_(known), sql_(sql), dialect_(dialect) {}

  /// 0 for the empty word. Of a long word its beginning counts.
  std::int64_t number_of(std::string_view word);
  std::int64_t key_number(std::string_view user_id, std::string_view key_id);

  /// All that were asked for.
  const UsageWordNumbers& numbers() const { return numbers_; }

 private:
  std::int64_t give_number(const std::string& word);
  std::int64_t give_key_number(std::string_view user_id, std::string_view key_id);

  const UsageWords& known_;
  soci::session& sql_;
  const Dialect& dialect_;
  UsageWordNumbers numbers_;
  std::string last_text_;
  std::int64_t last_number_ = 0;
  std::string lookup_;
};

}  // namespace relay
