#include "delivery/smtp_server.h"

#include "domain/email_address.h"
#include "http/query.h"
#include "text/control_characters.h"
#include "text/ip_address.h"
#include "text/utf8.h"

#include <algorithm>
#include <charconv>

namespace relay {
namespace {

constexpr const char* kForm =
    "must be smtp://host:port or smtps://host:port, with user:password@ (percent-encoded) before the host";

bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

bool is_host(std::string_view text) {
  if (text.starts_with('[')) {
    if (!text.ends_with(']')) return false;
    const auto address = IpAddress::parse(text.substr(1, text.size() - 2));
    return address.has_value() && !address->is_v4();
  }
  return is_host_name(text);
}

bool take_port(std::string_view text, std::uint16_t& port) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  return failure == std::errc() && end == text.data() + text.size() && port != 0;
}

bool take_credentials(std::string_view text, SmtpServer& out) {
  const auto colon = text.find(':');
  auto user = percent_decode(text.substr(0, colon));
  auto password =
      percent_decode(colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1));
  if (!user || !password || user->empty()) return false;
  if (has_control_character(*user) || has_control_character(*password)) return false;
  out.user = *std::move(user);
  out.password = *std::move(password);
  return true;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string parse_smtp_url(std::string_view text, SmtpServer& out) {
  SmtpServer server;
  if (text.starts_with("smtps://")) {
    server.tls_from_the_start = true;
    text.remove_prefix(8);
  } else if (text.starts_with("smtp://")) {
    text.remove_prefix(7);
  } else {
    return kForm;
  }
  if (text.ends_with('/')) text.remove_suffix(1);
  if (const auto at = text.rfind('@'); at != std::string_view::npos) {
    if (!take_credentials(text.substr(0, at), server)) return kForm;
    text.remove_prefix(at + 1);
  }
  server.port = server.tls_from_the_start ? 465 : 587;
  const auto colon = text.rfind(':');
  if (colon != std::string_view::npos && text.find(']', colon) == std::string_view::npos) {
    if (!take_port(text.substr(colon + 1), server.port)) return kForm;
    text = text.substr(0, colon);
  }
  if (!is_host(text)) return kForm;
  server.host = std::string(text);
  server.ca_file = out.ca_file;
  out = std::move(server);
  return {};
}

std::string parse_mail_sender(std::string_view text, MailSender& out) {
  constexpr const char* kWrong =
      "must be an address such as relay@example.com or Claude Relay <relay@example.com>";
  MailSender sender;
  text = trimmed(text);
  if (text.ends_with('>')) {
    const auto open = text.rfind('<');
    if (open == std::string_view::npos) return kWrong;
    auto name = trimmed(text.substr(0, open));
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
    sender.name = std::string(name);
    text = text.substr(open + 1, text.size() - open - 2);
  }
  auto address = EmailAddress::parse(text);
  if (address.has_error() || has_control_character(sender.name) || !is_utf8(sender.name)) return kWrong;
  sender.address = address->text();
  out = std::move(sender);
  return {};
}

}  // namespace relay
