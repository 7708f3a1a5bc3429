#include "json/json_string.h"

namespace relay {
namespace {

bool needs_escape(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

void append_escape(std::string& out, unsigned char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr std::string_view kShort = "\"\\\n\r\t";
  constexpr std::string_view kLetters = "\"\\nrt";
  out += '\\';
  if (const auto at = kShort.find(static_cast<char>(c)); at != std::string_view::npos) {
    out += kLetters[at];
    return;
  }
  out += "u00";
  out += kDigits[c >> 4];
  out += kDigits[c & 15];
}

}  // namespace

void append_json_escaped(std::string& out, std::string_view utf8) {
  std::size_t plain = 0;
  for (std::size_t at = 0; at < utf8.size(); ++at) {
    if (!needs_escape(utf8[at])) continue;
    out += utf8.substr(plain, at - plain);
    append_escape(out, static_cast<unsigned char>(utf8[at]));
    plain = at + 1;
  }
  out += utf8.substr(plain);
}

void append_json_string(std::string& out, std::string_view utf8) {
  out += '"';
  append_json_escaped(out, utf8);
  out += '"';
}

}  // namespace relay
