// A read-only look at JSON text in place: no copy, no tree, any value skipped in one step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace relay {

inline constexpr std::size_t kJsonDepthMax = 512;
inline constexpr std::size_t kJsonBytesMax = 64 * 1024 * 1024;

enum class JsonFault : std::uint8_t { none, malformed, too_deep, too_long };

class JsonIndex;

/// A value inside the text that a JsonIndex has read; good until its next read(). Of type "nothing" when
/// what was asked for is not there, and every question to nothing is answered with nothing.
class JsonValue {
 public:
  enum class Kind : std::uint8_t { nothing, object, array, string, number, boolean, null };

  JsonValue() = default;

  Kind kind() const;
  explicit operator bool() const { return index_ != nullptr; }

  /// The member of an object. The last one when the key is there twice, as most readers see it. Keys
  /// are compared as they mean, not as they are spelled ("mod\u0065l" is "model").
  JsonValue find(std::string_view key) const;

  /// `see(key, value)` for each member of an object, in order; the key as it is spelled.
  template <class See>
  void each_member(See&& see) const;
  /// `see(value)` for each element of an array, in order.
  template <class See>
  void each_element(See&& see) const;

  /// A whole number that fits; also one spelled 5.0 or 5e0.
  std::optional<std::int64_t> integer() const;
  std::optional<bool> boolean() const;
  /// The text of a string: a view into the JSON, or into `scratch` when it has escapes. Nothing for
  /// another kind and for a broken escape.
  std::optional<std::string_view> string(std::string& scratch) const;
  /// Bytes of UTF-8 that string() would have, without making it; 0 for another kind.
  std::size_t string_bytes() const;

  /// The bytes of the value as they stand, quotes and brackets included.
  std::string_view raw() const;

 private:
  friend class JsonIndex;
  JsonValue(const JsonIndex* index, std::uint32_t token) : index_(index), token_(token) {}

  const JsonIndex* index_ = nullptr;
  std::uint32_t token_ = 0;
};

/// Holds where the values of one text are. simdjson finds the tokens (about 5 GB/s, UTF-8 checked), one
/// pass over them checks the grammar (RFC 8259) and the depth. Numbers and literals are checked; string
/// escapes only where a string is read. Needs no padding behind the text. Use one per thread again and
/// again: 8 bytes per token, given back after a text over 4 MB.
class JsonIndex {
 public:
  JsonIndex();
  ~JsonIndex();
  JsonIndex(const JsonIndex&) = delete;
  JsonIndex& operator=(const JsonIndex&) = delete;

  /// `text` must stay as it is while values are looked at. none when it is one JSON value.
  JsonFault read(std::string_view text, std::size_t depth_max = kJsonDepthMax);
  /// After a read() that said none.
  JsonValue root() const { return {this, 0}; }

 private:
  friend class JsonValue;
  struct Tokenizer;

  JsonFault check(std::size_t depth_max);
  char byte(std::uint32_t token) const { return token < count_ ? text_[at_[token]] : '\0'; }
  /// The token behind a value.
  std::uint32_t behind(std::uint32_t token) const {
    const char c = byte(token);
    return c == '{' || c == '[' ? close_[token] + 1 : token + 1;
  }
  std::string_view scalar(std::uint32_t token) const;
  bool key_is(std::uint32_t token, std::string_view key) const;

  std::string_view text_;
  const std::uint32_t* at_ = nullptr;  // where each token begins
  std::uint32_t count_ = 0;
  std::unique_ptr<std::uint32_t[]> close_;  // of each opening bracket: its closing one
  std::size_t close_room_ = 0;
  std::unique_ptr<Tokenizer> tokenizer_;
};

/// The text of a JSON string (without its quotes) in UTF-8. False for a broken escape.
bool unescape_json(std::string_view raw, std::string& out);
/// How many bytes unescape_json would make; broken escapes count as they stand.
std::size_t unescaped_bytes(std::string_view raw);

template <class See>
void JsonValue::each_member(See&& see) const {
  if (kind() != Kind::object) return;
  for (std::uint32_t key = token_ + 1; index_->byte(key) == '"';) {
    const auto raw_key = index_->scalar(key);
    see(raw_key.substr(1, raw_key.size() - 2), JsonValue(index_, key + 2));
    key = index_->behind(key + 2) + 1;
  }
}

template <class See>
void JsonValue::each_element(See&& see) const {
  if (kind() != Kind::array) return;
  const std::uint32_t close = index_->close_[token_];
  for (std::uint32_t element = token_ + 1; element < close; element = index_->behind(element) + 1) {
    see(JsonValue(index_, element));
  }
}

}  // namespace relay
