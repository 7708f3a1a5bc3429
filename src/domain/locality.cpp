#include "domain/locality.h"

#include "base/embedded_file.h"
#include "text/lines.h"

#include <algorithm>
#include <functional>
#include <span>

namespace relay {

std::span<const EmbeddedFile> embedded_time_zones();  // resources/time_zones/names.txt

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool all_letters(std::string_view text) { return std::ranges::all_of(text, is_letter); }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return out;
}

Error bad_locale() {
  return Error(ErrorKind::validation, "locale_invalid", "The locale is not valid")
      .on_field("locale", "must be a language tag such as en, pt-BR or zh-Hant-TW");
}

}  // namespace

Result<std::string> parse_time_zone(std::string_view text) {
  static const auto names = split_lines(embedded_time_zones().front().content);  // sorted
  if (std::ranges::binary_search(names, text, std::less<>())) return std::string(text);
  return Error(ErrorKind::validation, "timezone_invalid", "The time zone is not known")
      .on_field("timezone", "must be a name of the IANA database such as Europe/Berlin or UTC");
}

Result<std::string> parse_locale(std::string_view text) {
  const auto take = [&text] {
    const auto end = std::min(text.find('-'), text.size());
    const auto part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
  };
  if (text.ends_with('-')) return bad_locale();
  const auto language = take();
  if (language.size() < 2 || language.size() > 3 || !all_letters(language)) return bad_locale();
  std::string out = lower(language);
  auto part = take();
  if (part.size() == 4 && all_letters(part)) {
    out += "-" + upper(part.substr(0, 1)) + lower(part.substr(1));
    part = take();
  }
  const bool is_region =
      (part.size() == 2 && all_letters(part)) || (part.size() == 3 && std::ranges::all_of(part, is_digit));
  if (is_region) {
    out += "-" + upper(part);
    part = take();
  }
  if (!part.empty() || !text.empty()) return bad_locale();
  return out;
}

}  // namespace relay
