#include "json/json_index.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

namespace relay {
namespace {

constexpr std::size_t kRoomMin = 16 * 1024;
constexpr std::size_t kRoomKept = 4 * 1024 * 1024;

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// RFC 8259 6.
bool is_number(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const auto digits = [&] {
    const auto from = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at - from;
  };
  const bool zero = at < text.size() && text[at] == '0';
  const auto whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (digits() == 0) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (digits() == 0) return false;
  }
  return at == text.size();
}

bool is_scalar(std::string_view text) {
  switch (text.front()) {
    case 't':
      return text == "true";
    case 'f':
      return text == "false";
    case 'n':
      return text == "null";
    default:
      return is_number(text);
  }
}

int hex4(std::string_view text) {
  if (text.size() < 4) return -1;
  unsigned value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + 4, value, 16);
  return fault == std::errc() && end == text.data() + 4 ? static_cast<int>(value) : -1;
}

void append_utf8(std::string& out, unsigned code) {
  const auto put = [&](unsigned byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6), put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12), put(0x80 | (code >> 6 & 0x3f)), put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18), put(0x80 | (code >> 12 & 0x3f)), put(0x80 | (code >> 6 & 0x3f)),
        put(0x80 | (code & 0x3f));
  }
}

constexpr std::string_view kEscapes = "\"\\/bfnrt";
constexpr std::string_view kEscaped = "\"\\/\b\f\n\r\t";

/// One escape at the front of `raw` (behind its backslash): how long it is and the code point; length 0
/// when it is broken, as a lone surrogate is.
struct Escape {
  std::size_t length = 0;
  unsigned code = 0;
};

Escape parse_escape(std::string_view raw) {
  if (raw.empty()) return {};
  if (raw.front() != 'u') {
    const auto which = kEscapes.find(raw.front());
    if (which == std::string_view::npos) return {};
    return {1, static_cast<unsigned char>(kEscaped[which])};
  }
  const int first = hex4(raw.substr(1));
  if (first < 0 || (first >= 0xdc00 && first < 0xe000)) return {};
  if (first < 0xd800 || first >= 0xe000) return {5, static_cast<unsigned>(first)};
  if (raw.size() < 11 || raw[5] != '\\' || raw[6] != 'u') return {};
  const int second = hex4(raw.substr(7));
  if (second < 0xdc00 || second >= 0xe000) return {};
  return {11,
          0x10000U + (static_cast<unsigned>(first - 0xd800) << 10) + static_cast<unsigned>(second - 0xdc00)};
}

std::size_t utf8_bytes(unsigned code) { return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4; }

}  // namespace

bool unescape_json(std::string_view raw, std::string& out) {
  out.clear();
  for (;;) {
    const auto slash = raw.find('\\');
    out.append(raw.substr(0, slash));
    if (slash == std::string_view::npos) return true;
    raw.remove_prefix(slash + 1);
    const auto escape = parse_escape(raw);
    if (escape.length == 0) return false;
    append_utf8(out, escape.code);
    raw.remove_prefix(escape.length);
  }
}

std::size_t unescaped_bytes(std::string_view raw) {
  std::size_t bytes = 0;
  for (;;) {
    const auto slash = raw.find('\\');
    if (slash == std::string_view::npos) return bytes + raw.size();
    bytes += slash;
    raw.remove_prefix(slash + 1);
    const auto escape = parse_escape(raw);
    bytes += escape.length == 0 ? 1 : utf8_bytes(escape.code);
    raw.remove_prefix(escape.length);
  }
}

/// The first stage of simdjson, which finds quotes, brackets, commas and the starts of scalars. Its own
/// second stages either build a tree or skip without a look at the depth; we need neither.
struct JsonIndex::Tokenizer {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
  std::size_t room = 0;

  bool make_room(std::size_t bytes) {
    if (parser != nullptr && bytes <= room && (room <= kRoomKept || bytes > kRoomKept)) return true;
    std::size_t wanted = kRoomMin;
    while (wanted < bytes) wanted *= 2;
    parser.reset();
    room = 0;
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(wanted, 1, parser) !=
        simdjson::SUCCESS) {
      return false;
    }
    room = wanted;
    return true;
  }
};

JsonIndex::JsonIndex() : tokenizer_(std::make_unique<Tokenizer>()) {}
JsonIndex::~JsonIndex() = default;

JsonFault JsonIndex::read(std::string_view text, std::size_t depth_max) {
  text_ = text;
  count_ = 0;
  if (text.empty()) return JsonFault::malformed;
  if (text.size() > kJsonBytesMax || !tokenizer_->make_room(text.size())) return JsonFault::too_long;
  auto& parser = *tokenizer_->parser;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  if (parser.stage1(bytes, text.size(), simdjson::stage1_mode::regular) != simdjson::SUCCESS)
    return JsonFault::malformed;
  at_ = parser.structural_indexes.get();
  count_ = parser.n_structural_indexes;
  if (close_room_ < count_ || (close_room_ > kRoomKept && count_ < kRoomMin)) {
    close_room_ = std::max<std::size_t>(count_ + count_ / 2, 1024);
    close_.reset(new std::uint32_t[close_room_]);
  }
  const auto fault = check(depth_max);
  if (fault != JsonFault::none) count_ = 0;
  return fault;
}

std::string_view JsonIndex::scalar(std::uint32_t token) const {
  const std::size_t from = at_[token];
  std::size_t to = token + 1 < count_ ? at_[token + 1] : text_.size();
  while (to > from + 1 && is_space(text_[to - 1])) --to;
  return text_.substr(from, to - from);
}

// The grammar, with the open brackets on a stack of token numbers.
JsonFault JsonIndex::check(std::size_t depth_max) {
  std::array<std::uint32_t, kJsonDepthMax> open;
  std::size_t depth = 0;
  depth_max = std::min(depth_max, open.size());
  std::uint32_t token = 0;
  for (;;) {  // each turn begins at a value
    const char c = byte(token);
    if (c == '{' || c == '[') {
      if (depth == depth_max) return JsonFault::too_deep;
      open[depth++] = token++;
      if (c == '{' && byte(token) == '"') {
        if (byte(token + 1) != ':') return JsonFault::malformed;
        token += 2;
        continue;
      }
      if (c == '[' && byte(token) != ']') continue;
    } else {
      // A string ends where simdjson says; behind it only white space may stand before the next token.
      if (c == '"') {
        if (!scalar(token).ends_with('"')) return JsonFault::malformed;
      } else if (c == '\0' || !is_scalar(scalar(token))) {
        return JsonFault::malformed;
      }
      ++token;
    }
    for (;;) {  // behind a value, or at the close of an empty bracket
      if (depth == 0) return token == count_ ? JsonFault::none : JsonFault::malformed;
      const bool in_object = text_[at_[open[depth - 1]]] == '{';
      const char d = byte(token);
      if (d == (in_object ? '}' : ']')) {
        close_[open[--depth]] = token++;
        continue;
      }
      if (d != ',' || token == open[depth - 1] + 1) return JsonFault::malformed;
      ++token;
      if (!in_object) break;
      if (byte(token) != '"' || byte(token + 1) != ':') return JsonFault::malformed;
      token += 2;
      break;
    }
  }
}

bool JsonIndex::key_is(std::uint32_t token, std::string_view key) const {
  auto raw = scalar(token);
  raw = raw.substr(1, raw.size() - 2);
  // Escapes only make a spelling longer.
  if (raw.size() <= key.size()) return raw == key;
  if (raw.find('\\') == std::string_view::npos) return false;
  std::string meant;
  return unescape_json(raw, meant) && meant == key;
}

JsonValue::Kind JsonValue::kind() const {
  if (index_ == nullptr) return Kind::nothing;
  switch (index_->byte(token_)) {
    case '{':
      return Kind::object;
    case '[':
      return Kind::array;
    case '"':
      return Kind::string;
    case 't':
    case 'f':
      return Kind::boolean;
    case 'n':
      return Kind::null;
    case '\0':
      return Kind::nothing;
    default:
      return Kind::number;
  }
}

JsonValue JsonValue::find(std::string_view key) const {
  JsonValue found;
  if (kind() != Kind::object) return found;
  for (std::uint32_t at = token_ + 1; index_->byte(at) == '"'; at = index_->behind(at + 2) + 1) {
    if (index_->key_is(at, key)) found = JsonValue(index_, at + 2);
  }
  return found;
}

std::optional<std::int64_t> JsonValue::integer() const {
  if (kind() != Kind::number) return std::nullopt;
  const auto text = index_->scalar(token_);
  const char* const end = text.data() + text.size();
  std::int64_t whole = 0;
  if (const auto [stop, fault] = std::from_chars(text.data(), end, whole);
      fault == std::errc() && stop == end)
    return whole;
  double number = 0;
  if (const auto [stop, fault] = std::from_chars(text.data(), end, number);
      fault != std::errc() || stop != end) {
    return std::nullopt;
  }
  if (!(std::abs(number) < 9.0e15) || std::trunc(number) != number) return std::nullopt;  // exact below 2^53
  return static_cast<std::int64_t>(number);
}

std::optional<bool> JsonValue::boolean() const {
  if (kind() != Kind::boolean) return std::nullopt;
  return index_->byte(token_) == 't';
}

std::optional<std::string_view> JsonValue::string(std::string& scratch) const {
  if (kind() != Kind::string) return std::nullopt;
  const auto quoted = index_->scalar(token_);
  const auto text = quoted.substr(1, quoted.size() - 2);
  if (text.find('\\') == std::string_view::npos) return text;
  if (!unescape_json(text, scratch)) return std::nullopt;
  return scratch;
}

std::size_t JsonValue::string_bytes() const {
  if (kind() != Kind::string) return 0;
  const auto quoted = index_->scalar(token_);
  return unescaped_bytes(quoted.substr(1, quoted.size() - 2));
}

std::string_view JsonValue::raw() const {
  const auto what = kind();
  if (what == Kind::nothing) return {};
  if (what != Kind::object && what != Kind::array) return index_->scalar(token_);
  const std::size_t from = index_->at_[token_];
  return index_->text_.substr(from, index_->at_[index_->close_[token_]] + 1 - from);
}

}  // namespace relay
