#include "domain/password.h"

#include "base/embedded_file.h"
#include "text/utf8.h"

#include <algorithm>
#include <span>
#include <vector>

namespace relay {

std::span<const EmbeddedFile> embedded_password_lists();  // resources/passwords/*.txt

namespace {

constexpr std::size_t kCharactersMin = 8;
constexpr std::size_t kCharactersMax = 128;

Error refused(std::string_view code, const char* message, const char* on_field) {
  return Error(ErrorKind::validation, code, message).on_field("password", on_field);
}

// The file's lines, which are sorted.
std::vector<std::string_view> lines_of(std::string_view content) {
  std::vector<std::string_view> lines;
  while (!content.empty()) {
    const auto end = content.find('\n');
    lines.push_back(content.substr(0, end));
    content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
  }
  return lines;
}

}  // namespace

bool is_common_password(std::string_view text) {
  static const auto common = lines_of(embedded_password_lists().front().content);
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return std::ranges::binary_search(common, std::string_view(lower));
}

Result<Password> Password::parse(std::string text) {
  const auto characters = count_utf8(text);
  if (!characters || text.find('\0') != std::string::npos) {
    return refused("password_invalid", "Password is not valid", "must be UTF-8 text without NUL characters");
  }
  if (*characters < kCharactersMin) {
    return refused("password_too_short", "Password must be at least 8 characters long",
                   "must be at least 8 characters long");
  }
  if (*characters > kCharactersMax) {
    return refused("password_too_long", "Password must be at most 128 characters long",
                   "must be at most 128 characters long");
  }
  if (is_common_password(text)) {
    return refused("password_too_common", "This password is too common. Please choose another one.",
                   "must not be one of the most common passwords");
  }
  return Password(std::move(text));
}

}  // namespace relay
