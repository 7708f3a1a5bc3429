// Writing JSON behind a growing text, and pieces of other JSON into it as they stand.
#pragma once

#include "json/json_index.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace relay::chat_translation {

/// Puts the commas itself: one is due unless an opening or a colon stands before. Whoever uses it closes what
/// he opened. `out` must outlive it and may begin with anything that ends in a space or a line's end.
class JsonText {
 public:
  explicit JsonText(std::string& out) : out_(out) {}

  JsonText& open() { return opened('{'); }
  JsonText& close() { return closed('}'); }
  JsonText& open_list() { return opened('['); }
  JsonText& close_list() { return closed(']'); }
  JsonText& key(std::string_view name);

  /// JSON as it stands.
  JsonText& raw(std::string_view json);
  /// UTF-8, quoted and escaped.
  JsonText& text(std::string_view utf8);
  JsonText& number(std::int64_t value);

  JsonText& member(std::string_view name, JsonValue value) { return key(name).raw(value.raw()); }
  JsonText& member_raw(std::string_view name, std::string_view json) { return key(name).raw(json); }
  JsonText& member_text(std::string_view name, std::string_view utf8) { return key(name).text(utf8); }
  JsonText& member_number(std::string_view name, std::int64_t value) { return key(name).number(value); }

  /// A string made of pieces: open_text(), any of them, close_text().
  JsonText& open_text() { return opened('"'); }
  JsonText& close_text() { return closed('"'); }
  JsonText& piece(std::string_view utf8);
  /// The inside of a JSON string, escapes as they stand.
  JsonText& piece_of(JsonValue string);

 private:
  JsonText& opened(char bracket);
  JsonText& closed(char bracket) {
    out_ += bracket;
    return *this;
  }
  void comma();

  std::string& out_;
};

/// Of a JSON string: what stands between its quotes, as spelled. Empty for another kind.
std::string_view inside(JsonValue string);

/// Reads JSON from outside: one value, not deeper than kJsonDepthMax, each escape whole; JsonIndex itself
/// looks at an escape only where a string is read, and what is read here is written again as it stands.
bool read_whole(JsonIndex& index, std::string_view text);

}  // namespace relay::chat_translation
