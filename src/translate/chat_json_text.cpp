#include "translate/chat_json_text.h"

#include "json/json_string.h"

#include <charconv>

namespace relay::chat_translation {
namespace {

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// How long the escape behind a backslash is; 0: it is none (RFC 8259 7).
std::size_t escape_length(std::string_view rest) {
  if (rest.empty()) return 0;
  if (rest[0] != 'u') return std::string_view("\"\\/bfnrt").find(rest[0]) == std::string_view::npos ? 0 : 1;
  if (rest.size() < 5) return 0;
  for (std::size_t i = 1; i < 5; ++i) {
    if (!is_hex(rest[i])) return 0;
  }
  return 5;
}

bool escapes_are_whole(std::string_view text) {
  for (;;) {
    const auto slash = text.find('\\');
    if (slash == std::string_view::npos) return true;
    text.remove_prefix(slash + 1);
    const auto length = escape_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
}

}  // namespace

void JsonText::comma() {
  if (out_.empty()) return;
  const char before = out_.back();
  if (before != '{' && before != '[' && before != ':' && before != ' ' && before != '\n') out_ += ',';
}

JsonText& JsonText::opened(char bracket) {
  comma();
  out_ += bracket;
  return *this;
}

JsonText& JsonText::key(std::string_view name) {
  comma();
  out_ += '"';
  out_ += name;
  out_ += "\":";
  return *this;
}

JsonText& JsonText::raw(std::string_view json) {
  comma();
  out_ += json;
  return *this;
}

JsonText& JsonText::text(std::string_view utf8) {
  comma();
  append_json_string(out_, utf8);
  return *this;
}

JsonText& JsonText::number(std::int64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  return raw(std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

JsonText& JsonText::piece(std::string_view utf8) {
  append_json_escaped(out_, utf8);
  return *this;
}

JsonText& JsonText::piece_of(JsonValue string) {
  out_ += inside(string);
  return *this;
}

std::string_view inside(JsonValue string) {
  if (string.kind() != JsonValue::Kind::string) return {};
  const auto raw = string.raw();
  return raw.substr(1, raw.size() - 2);
}

bool read_whole(JsonIndex& index, std::string_view text) {
  return index.read(text) == JsonFault::none && escapes_are_whole(text);
}

}  // namespace relay::chat_translation
