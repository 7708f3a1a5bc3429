#include "domain/email_address.h"

#include <algorithm>

namespace relay {
namespace {

constexpr std::string_view kInLocalPart = "!#$%&'*+-/=?^_`{|}~.";  // RFC 5322 3.2.3, atom and dot

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool past_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80; }  // RFC 6531: names in any script

bool is_local_part(std::string_view text) {
  return !text.empty() && text.size() <= 64 && text.front() != '.' && text.back() != '.' &&
         text.find("..") == std::string_view::npos && std::ranges::all_of(text, [](char c) {
           return is_letter_or_digit(c) || past_ascii(c) || kInLocalPart.find(c) != std::string_view::npos;
         });
}

bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
         std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || past_ascii(c) || c == '-'; });
}

bool is_host(std::string_view text) {
  if (text == "localhost") return true;
  int labels = 0;
  for (;; ++labels) {
    const auto dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return labels > 0;
    text.remove_prefix(dot + 1);
  }
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace

Result<EmailAddress> EmailAddress::parse(std::string_view text) {
  std::string lower(trimmed(text));
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const auto at = lower.rfind('@');
  const std::string_view view = lower;
  if (at == std::string::npos || lower.size() > 254 || !is_local_part(view.substr(0, at)) ||
      !is_host(view.substr(at + 1))) {
    return Error(ErrorKind::validation, "email_invalid", "Invalid email format")
        .on_field("email", "must be an e-mail address");
  }
  return EmailAddress(std::move(lower));
}

}  // namespace relay
