#include "translate/chat_fields.h"

#include <algorithm>
#include <cassert>
#include <vector>

namespace relay::chat_translation {
namespace {

using Kind = JsonValue::Kind;

constexpr std::size_t kShownNameBytesMax = 100;
constexpr std::size_t kRulesMax = 64;

std::string_view kind_words(Kind kind) {
  switch (kind) {
    case Kind::object:
      return "must be an object";
    case Kind::array:
      return "must be an array";
    case Kind::string:
      return "must be a string";
    case Kind::number:
      return "must be a number";
    case Kind::boolean:
      return "must be true or false";
    case Kind::nothing:
    case Kind::null:
      break;
  }
  return "must be there";
}

bool has_members(JsonValue value) {
  bool any = false;
  value.each_member([&](std::string_view, JsonValue) { any = true; });
  value.each_element([&](JsonValue) { any = true; });
  return any;
}

bool says_no_more_than(JsonValue value, std::string_view standard) {
  if (value.kind() == Kind::null) return true;
  if (standard.empty()) return false;
  if (standard == "[]") return value.kind() == Kind::array && !has_members(value);
  if (standard == "{}") return value.kind() == Kind::object && !has_members(value);
  // 0.0 and 0e0 are 0
  if (const auto number = value.integer()) return std::to_string(*number) == standard;
  return value.raw() == standard;
}

// `key` as spelled: printable, for control characters are escaped in it.
Error refused_member(const Place& place, std::string_view key, std::string_view words) {
  return refused(place.in(key.size() > kShownNameBytesMax || key.empty() ? "?" : key), words);
}

std::size_t rule_of(std::string_view key, std::span<const FieldRule> rules) {
  std::string meant;
  if (key.find('\\') != std::string_view::npos && unescape_json(key, meant)) key = meant;
  const auto found = std::ranges::find(rules, key, &FieldRule::name);
  return static_cast<std::size_t>(found - rules.begin());
}

}  // namespace

std::string Place::path() const {
  std::vector<const Place*> way;
  for (const auto* step = this; step != nullptr && step->parent != nullptr; step = step->parent)
    way.push_back(step);
  if (way.empty()) return "body";
  std::string path;
  for (auto step = way.rbegin(); step != way.rend(); ++step) {
    if ((*step)->name.empty()) {
      path += '[' + std::to_string((*step)->entry) + ']';
    } else {
      if (!path.empty()) path += '.';
      path += (*step)->name;
    }
  }
  return path;
}

Error refused(const Place& place, std::string_view words) {
  const auto path = place.path();
  return Error(ErrorKind::validation, "invalid_request", path + ' ' + std::string(words))
      .on_field(path, std::string(words));
}

Result<> check_fields(JsonValue object, const Place& place, std::span<const FieldRule> rules) {
  assert(rules.size() <= kRulesMax);
  if (object.kind() != Kind::object) return refused(place, kind_words(Kind::object));
  Result<> result;
  std::uint64_t seen = 0;
  object.each_member([&](std::string_view key, JsonValue value) {
    if (result.has_error()) return;
    const auto at = rule_of(key, rules);
    if (at == rules.size()) {
      result = refused_member(place, key, kNotCarried);
      return;
    }
    const std::uint64_t bit = std::uint64_t{1} << at;
    if ((seen & bit) != 0) {
      result = refused_member(place, key, "must be given once");
    } else if (rules[at].fate == Fate::refused && !says_no_more_than(value, rules[at].standard)) {
      result = refused_member(place, key, kNotCarried);
    }
    seen |= bit;
  });
  return result;
}

Result<JsonValue> given(JsonValue object, const Place& place, std::string_view name, Kind kind) {
  const auto value = object.find(name);
  if (!value || value.kind() == Kind::null) return JsonValue();
  if (value.kind() != kind) return refused(place.in(name), kind_words(kind));
  return value;
}

Result<JsonValue> needed(JsonValue object, const Place& place, std::string_view name, Kind kind) {
  TRY(auto value, given(object, place, name, kind));
  if (!value) return refused(place.in(name), kind_words(kind));
  return value;
}

Result<std::string_view> given_word(JsonValue object, const Place& place, std::string_view name) {
  TRY(auto value, given(object, place, name, Kind::string));
  if (!value) return std::string_view();
  return value.raw().substr(1, value.raw().size() - 2);
}

Result<std::string_view> needed_word(JsonValue object, const Place& place, std::string_view name) {
  TRY(auto value, needed(object, place, name, Kind::string));
  return value.raw().substr(1, value.raw().size() - 2);
}

Result<bool> given_flag(JsonValue object, const Place& place, std::string_view name) {
  TRY(auto value, given(object, place, name, Kind::boolean));
  return value.boolean().value_or(false);
}

std::optional<std::string_view> word_for(std::span<const WordPair> table, std::string_view from) {
  const auto found = std::ranges::find(table, from, &WordPair::from);
  if (found == table.end()) return std::nullopt;
  return found->to;
}

std::optional<DataUrl> parse_data_url(std::string_view url) {
  constexpr std::string_view kScheme = "data:";
  constexpr std::string_view kBase64 = ";base64";
  if (!url.starts_with(kScheme)) return std::nullopt;
  url.remove_prefix(kScheme.size());
  const auto comma = url.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  auto head = url.substr(0, comma);
  if (!head.ends_with(kBase64)) return std::nullopt;
  head.remove_suffix(kBase64.size());
  return DataUrl{.media_type = head.substr(0, head.find(';')), .base64 = url.substr(comma + 1)};
}

}  // namespace relay::chat_translation
