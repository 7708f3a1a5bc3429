#include "observe/redaction.h"

#include <algorithm>
#include <array>
#include <optional>

namespace relay {
namespace {

constexpr std::string_view kMark = "[redacted]";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-'; }
bool is_token(char c) { return is_word(c) || c == '.' || c == '~' || c == '+' || c == '/' || c == '='; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool begins_with(std::string_view text, std::string_view lower_case_start) {
  if (text.size() < lower_case_start.size()) return false;
  return std::equal(lower_case_start.begin(), lower_case_start.end(), text.begin(),
                    [](char wanted, char c) { return wanted == lower(c); });
}

template <class Accepts>
std::size_t run_length(std::string_view text, Accepts accepts) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), accepts) - text.begin());
}

// A secret found at a place: so much of it is shown, so much is left out behind that.
struct Found {
  std::size_t shown = 0;
  std::size_t hidden = 0;
};

// cr_…, cuk_…, sk-…: the prefix stays, it says what stood there.
std::optional<Found> find_key(std::string_view text, bool at_word_start) {
  struct Kind {
    std::string_view prefix;
    std::size_t tail_min;
  };
  static constexpr std::array<Kind, 3> kinds{{{"cr_", 8}, {"cuk_", 1}, {"sk-", 8}}};
  static constexpr std::size_t kSurelyAKey = 20;  // whatever stands in front
  for (const auto& kind : kinds) {
    if (!text.starts_with(kind.prefix)) continue;
    const auto tail = run_length(text.substr(kind.prefix.size()), is_word);
    if (tail >= (at_word_start ? kind.tail_min : kSurelyAKey)) return Found{kind.prefix.size(), tail};
  }
  return std::nullopt;
}

// RFC 7519: a JSON object in base64url begins with "eyJ".
std::optional<Found> find_web_token(std::string_view text) {
  if (!text.starts_with("eyJ")) return std::nullopt;
  const auto length = run_length(text, [](char c) { return is_word(c) || c == '.'; });
  const auto token = text.substr(0, length);
  return token.find('.') == std::string_view::npos || length < 20 ? std::nullopt
                                                                  : std::optional(Found{0, length});
}

std::optional<Found> find_scheme(std::string_view text) {
  for (const std::string_view scheme : {"bearer ", "basic "}) {
    if (!begins_with(text, scheme)) continue;
    const auto length = run_length(text.substr(scheme.size()), is_token);
    if (length >= 6) return Found{scheme.size(), length};
  }
  return std::nullopt;
}

// scheme://user:password@host
std::optional<Found> find_user_in_address(std::string_view text) {
  if (!text.starts_with("://")) return std::nullopt;
  const auto length =
      run_length(text.substr(3), [](char c) { return c > ' ' && c != '/' && c != '"' && c != '\''; });
  const auto at = text.substr(3, length).rfind('@');
  if (at == std::string_view::npos) return std::nullopt;
  return Found{3, at};
}

std::optional<Found> find_private_key(std::string_view text) {
  static constexpr std::string_view begin = "-----BEGIN ", end = "-----END ";
  if (!text.starts_with(begin)) return std::nullopt;
  const auto title = text.substr(begin.size(), 40);
  if (title.find("PRIVATE KEY") == std::string_view::npos) return std::nullopt;
  const auto last = text.find(end);
  return Found{0, last == std::string_view::npos ? text.size() : last};
}

std::size_t count_backslashes(std::string_view text) {
  return run_length(text, [](char c) { return c == '\\'; });
}

// Behind a sensitive name: quote, colon or equals sign, and the value. The quotes may be escaped, once or
// more, where JSON stands in a JSON text.
std::optional<Found> find_named_value(std::string_view text, std::size_t name_length) {
  std::size_t at = name_length;
  const auto skip_blanks = [&] {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
  };
  const auto quote_at = [&](std::size_t place) -> std::size_t {  // its length with its escapes; 0: none
    const auto escapes = place < text.size() ? count_backslashes(text.substr(place)) : 0;
    const auto quote = place + escapes;
    return quote < text.size() && (text[quote] == '"' || text[quote] == '\'') ? escapes + 1 : 0;
  };

  at += quote_at(at);
  skip_blanks();
  if (at >= text.size() || (text[at] != ':' && text[at] != '=')) return std::nullopt;
  ++at;
  skip_blanks();

  const auto opening = quote_at(at);
  if (opening == 0) {
    // A credential's scheme belongs to the value: "authorization: Bearer abc".
    std::size_t length = 0;
    for (const std::string_view scheme : {"bearer ", "basic "}) {
      if (begins_with(text.substr(at), scheme)) length = scheme.size();
    }
    length += run_length(text.substr(at + length), [](char c) {
      return c > ' ' && c != ',' && c != ';' && c != '&' && c != '}' && c != ')';
    });
    return length == 0 ? std::nullopt : std::optional(Found{at, length});
  }
  const char quote = text[at + opening - 1];
  at += opening;
  const auto escapes = opening - 1;
  std::size_t end = at;
  while (end < text.size()) {
    const auto run = count_backslashes(text.substr(end));
    if (end + run < text.size() && text[end + run] == quote && run == escapes) break;
    end += run + 1;
  }
  end = std::min(end, text.size());
  return end == at ? std::nullopt : std::optional(Found{at, end - at});
}

std::optional<Found> find_secret(std::string_view text, bool at_word_start) {
  switch (text.front()) {
    case ':':
      return find_user_in_address(text);
    case '-':
      return find_private_key(text);
    default:
      break;
  }
  if (auto found = find_key(text, at_word_start)) return found;
  if (auto found = find_web_token(text)) return found;
  if (!at_word_start) return std::nullopt;
  if (auto found = find_scheme(text)) return found;
  const auto name_length = run_length(text, is_word);
  // Most words are no names of a value: that is seen without comparing them.
  const auto behind = text.find_first_not_of("\\\"' \t", name_length);
  const bool is_name = behind != std::string_view::npos && (text[behind] == ':' || text[behind] == '=');
  if (!is_name || !is_sensitive_name(text.substr(0, name_length))) return std::nullopt;
  return find_named_value(text, name_length);
}

// A letter escaped by a backslash (\n in JSON) does not belong to the word behind it.
bool is_word_start(std::string_view text, std::size_t at) {
  if (at == 0 || !is_word(text[at - 1])) return true;
  return at >= 2 && text[at - 2] == '\\' && is_letter(text[at - 1]);
}

}  // namespace

bool is_sensitive_name(std::string_view name) {
  // Compared without case, '-' and '_': refresh_token, refreshToken and Refresh-Token are one name.
  std::array<char, 32> plain{};
  std::size_t length = 0;
  for (const char c : name) {
    if (c == '-' || c == '_') continue;
    if (length == plain.size()) return false;
    plain[length++] = lower(c);
  }
  const std::string_view word(plain.data(), length);
  static constexpr std::array<std::string_view, 14> kWhole{
      "token",  "authorization", "proxyauthorization", "cookie",     "setcookie",     "nonce", "credential",
      "apikey", "xapikey",       "keysecret",          "privatekey", "encryptionkey", "otp",   "totp"};
  static constexpr std::array<std::string_view, 6> kEndings{"password",    "passwd",       "secret",
                                                            "accesstoken", "refreshtoken", "apikey"};
  return std::find(kWhole.begin(), kWhole.end(), word) != kWhole.end() ||
         std::any_of(kEndings.begin(), kEndings.end(),
                     [word](auto ending) { return word.ends_with(ending); });
}

void append_redacted(std::string& out, std::string_view text) {
  std::size_t copied = 0;  // everything before this is in `out`
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (!is_word(c) && c != ':') {
      ++at;
      continue;
    }
    const bool at_word_start = is_word_start(text, at);
    const bool may_begin_key = c == 'c' || c == 's' || c == 'e' || c == '-' || c == ':';
    const auto found =
        at_word_start || may_begin_key ? find_secret(text.substr(at), at_word_start) : std::nullopt;
    if (!found) {
      ++at;
      continue;
    }
    out.append(text.substr(copied, at + found->shown - copied));
    out.append(kMark);
    at += found->shown + found->hidden;
    copied = at;
  }
  out.append(text.substr(copied));
}

std::string redacted(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  append_redacted(out, text);
  return out;
}

}  // namespace relay
