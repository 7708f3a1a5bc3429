#include "cache/canonical_json.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace relay {
namespace {

using Kind = JsonValue::Kind;

void append_string(std::string& out, std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out.append("\\u00");
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

// Recursive: the depth is bounded by kJsonDepthMax.
class CanonicalText {
 public:
  bool append(JsonValue value, std::span<const std::string_view> left_out = {}) {
    switch (value.kind()) {
      case Kind::object:
        return append_object(value, left_out);
      case Kind::array:
        return append_array(value);
      case Kind::string: {
        const auto text = value.string(scratch_);
        if (text) append_string(text_, *text);
        return text.has_value();
      }
      case Kind::nothing:
        return false;
      default:
        text_.append(value.raw());
        return true;
    }
  }

  std::string& text() { return text_; }

 private:
  using Member = std::pair<std::string, JsonValue>;

  bool append_object(JsonValue object, std::span<const std::string_view> left_out) {
    std::vector<Member> members;
    bool is_whole = true;
    object.each_member([&](std::string_view key, JsonValue value) {
      auto& name = members.emplace_back(std::string(), value).first;
      is_whole = unescape_json(key, name) && is_whole;
    });
    std::ranges::sort(members, {}, &Member::first);
    const auto twice = std::ranges::adjacent_find(members, {}, &Member::first);
    if (!is_whole || twice != members.end()) return false;
    text_ += '{';
    char before = 0;
    for (const auto& [name, value] : members) {
      if (std::ranges::find(left_out, name) != left_out.end()) continue;
      if (std::exchange(before, ',') != 0) text_ += ',';
      append_string(text_, name);
      text_ += ':';
      if (!append(value)) return false;
    }
    text_ += '}';
    return true;
  }

  bool append_array(JsonValue array) {
    text_ += '[';
    bool is_whole = true;
    char before = 0;
    array.each_element([&](JsonValue element) {
      if (std::exchange(before, ',') != 0) text_ += ',';
      is_whole = is_whole && append(element);
    });
    text_ += ']';
    return is_whole;
  }

  std::string text_;
  std::string scratch_;
};

}  // namespace

std::optional<std::string> canonical_json(JsonValue root, std::span<const std::string_view> left_out) {
  CanonicalText canonical;
  if (!canonical.append(root, left_out)) return std::nullopt;
  return std::move(canonical.text());
}

}  // namespace relay
