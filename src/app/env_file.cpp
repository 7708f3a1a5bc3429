#include "app/env_file.h"

#include <optional>
#include <utility>

namespace relay {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool is_name(std::string_view text) {
  if (text.empty() || (text.front() >= '0' && text.front() <= '9')) return false;
  for (const char c : text) {
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (!letter && c != '_' && !(c >= '0' && c <= '9')) return false;
  }
  return true;
}

bool ends_well(std::string_view rest) {
  rest = without_blanks(rest);
  return rest.empty() || rest.front() == '#';
}

std::optional<std::string> quoted_value(std::string_view text) {
  const char quote = text.front();
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == quote) return ends_well(text.substr(i + 1)) ? std::optional(value) : std::nullopt;
    if (quote == '"' && text[i] == '\\' && i + 1 < text.size()) {
      const char escaped = text[++i];
      value += escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped;
    } else {
      value += text[i];
    }
  }
  return std::nullopt;
}

std::string plain_value(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '#' && kBlanks.find(text[i - 1]) != std::string_view::npos) {
      return std::string(without_blanks(text.substr(0, i)));
    }
  }
  return std::string(text.starts_with('#') ? std::string_view{} : text);
}

}  // namespace

Result<std::map<std::string, std::string, std::less<>>> parse_env_file(std::string_view text) {
  std::map<std::string, std::string, std::less<>> values;
  for (int number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    auto line = without_blanks(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (line.empty() || line.front() == '#') continue;
    if (line.starts_with("export ")) line = without_blanks(line.substr(7));

    const auto equals = line.find('=');
    const auto name = without_blanks(line.substr(0, equals));
    std::optional<std::string> value;
    if (equals != std::string_view::npos && is_name(name)) {
      const auto raw = without_blanks(line.substr(equals + 1));
      const bool is_quoted = !raw.empty() && (raw.front() == '"' || raw.front() == '\'');
      value = is_quoted ? quoted_value(raw) : plain_value(raw);
    }
    if (!value) {
      return Error(
          ErrorKind::validation, "env_file_invalid",
          "line " + std::to_string(number) + " is not NAME=value (quotes closed, nothing behind them)");
    }
    values.insert_or_assign(std::string(name), *std::move(value));
  }
  return values;
}

}  // namespace relay
