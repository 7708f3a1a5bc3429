// What becomes of each field of a request: carried, left out as a hint, or refused by its name.
#pragma once

#include "base/result.h"
#include "json/json_index.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace relay::chat_translation {

/// Where a value stands in the request. A chain on the stack: the path is put into words for an error only. A
/// place must not outlive the one that it was made from.
struct Place {
  const Place* parent = nullptr;
  std::string_view name = {};  // of a member; empty: an element
  std::size_t entry = 0;

  Place in(std::string_view member) const { return {this, member, 0}; }
  Place at(std::size_t element) const { return {this, {}, element}; }
  /// "messages[2].content[0].type"; "body" at the top.
  std::string path() const;
};

/// validation "invalid_request": the path and `words` ("must be a string").
Error refused(const Place& place, std::string_view words);

inline constexpr std::string_view kNotCarried = "can't be carried over to the API that serves this model";

/// `refused` passes when it is null or says no more than `standard`, which is what its absence means.
enum class Fate : std::uint8_t { carried, hint, refused };

struct FieldRule {
  std::string_view name;
  Fate fate = Fate::carried;
  std::string_view standard = {};  // JSON: 0, false, "auto", [] or {}
};

/// That `object` is one, that each of its members has a rule and none comes twice. So a later find() in it
/// takes no longer than its table is.
Result<> check_fields(JsonValue object, const Place& place, std::span<const FieldRule> rules);

/// The member, or nothing when it is absent or null; an error when it is of another kind.
Result<JsonValue> given(JsonValue object, const Place& place, std::string_view name, JsonValue::Kind kind);
/// The same for one that must be there.
Result<JsonValue> needed(JsonValue object, const Place& place, std::string_view name, JsonValue::Kind kind);
/// The same for a string of known words, as spelled; empty when it is not there.
Result<std::string_view> given_word(JsonValue object, const Place& place, std::string_view name);
Result<std::string_view> needed_word(JsonValue object, const Place& place, std::string_view name);
/// False when it is absent or null.
Result<bool> given_flag(JsonValue object, const Place& place, std::string_view name);

/// The word that stands beside `from` in a table; nothing when it is not in it.
struct WordPair {
  std::string_view from;
  std::string_view to;
};
std::optional<std::string_view> word_for(std::span<const WordPair> table, std::string_view from);

/// `see(element, its place)` for each, until one fails.
template <class See>
Result<> each_element(JsonValue array, const Place& place, See&& see) {
  Result<> result;
  std::size_t entry = 0;
  array.each_element([&](JsonValue element) {
    const auto here = place.at(entry++);
    if (result.has_value()) result = see(element, here);
  });
  return result;
}

/// "must not be over N bytes" and the like for names: OpenAI's functions have 64.
inline constexpr std::size_t kChatFunctionNameBytesMax = 64;

/// "data:image/png;base64,…" in its parts; views into `url`. Nothing for another URL.
struct DataUrl {
  std::string_view media_type;
  std::string_view base64;
};
std::optional<DataUrl> parse_data_url(std::string_view url);

}  // namespace relay::chat_translation
