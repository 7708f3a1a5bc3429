#include "delivery/mail_message.h"

#include "text/base64.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace relay {
namespace {

constexpr std::size_t kLine = 76;  // RFC 2045 6.8
constexpr std::size_t kEncodedBytes =
    45;  // base64 of it is 60; with "=?UTF-8?B?" and "?=" under 75 (RFC 2047 2)

bool needs_encoding(std::string_view text) {
  return text.find("=?") != std::string_view::npos ||
         std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x7F; });
}

std::string without_controls(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return out;
}

// Never within a character: a reader decodes word by word.
std::size_t piece_of(std::string_view text) {
  if (text.size() <= kEncodedBytes) return text.size();
  auto end = kEncodedBytes;
  while (end > 1 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return end;
}

std::string lines_of_base64(std::string_view bytes) {
  const auto all = to_base64(bytes);
  std::string out;
  for (std::size_t at = 0; at < all.size(); at += kLine) out += all.substr(at, kLine) + "\r\n";
  return out;
}

std::string with_crlf(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

std::string to_rfc5322_date(WallTime time) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  const std::chrono::weekday weekday(day);
  std::array<char, 64> out;
  const int length = std::snprintf(
      out.data(), out.size(), "%s, %02u %s %04d %02ld:%02ld:%02ld +0000", kDays[weekday.c_encoding()],
      static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
      static_cast<int>(date.year()), static_cast<long>(clock.hours().count()),
      static_cast<long>(clock.minutes().count()), static_cast<long>(clock.seconds().count()));
  return std::string(out.data(), static_cast<std::size_t>(length));
}

// A display name in quotes unless it is encoded (RFC 5322 3.4).
std::string to_mailbox(const MailSender& sender) {
  if (sender.name.empty()) return sender.address;
  if (needs_encoding(sender.name)) return to_header_text(sender.name) + " <" + sender.address + ">";
  std::string quoted = "\"";
  for (const char c : without_controls(sender.name)) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\" <" + sender.address + ">";
}

std::string part(const char* type, std::string_view content) {
  return std::string("Content-Type: ") + type +
         "; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + lines_of_base64(with_crlf(content));
}

}  // namespace

std::string to_header_text(std::string_view text) {
  const auto clean = without_controls(text);
  if (!needs_encoding(clean)) return clean;
  std::string out;
  for (std::string_view rest = clean; !rest.empty();) {
    const auto length = piece_of(rest);
    if (!out.empty()) out += "\r\n ";
    out += "=?UTF-8?B?" + to_base64(rest.substr(0, length)) + "?=";
    rest.remove_prefix(length);
  }
  return out;
}

std::string to_message(const WrittenMail& mail, const MailSender& sender, WallTime now) {
  const auto boundary = "=_" + mail.id;
  const auto domain = sender.address.substr(sender.address.rfind('@') + 1);
  std::string out;
  const auto header = [&out](std::string_view name, const std::string& value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  header("From", to_mailbox(sender));
  header("To", without_controls(mail.recipient));
  header("Subject", to_header_text(mail.words.subject));
  header("Date", to_rfc5322_date(now));
  header("Message-ID", "<" + mail.id + "@" + domain + ">");
  header("Auto-Submitted", "auto-generated");  // RFC 3834: no vacation notice comes back
  header("MIME-Version", "1.0");
  header("Content-Type", "multipart/alternative; boundary=\"" + boundary + "\"");
  out += "\r\n--" + boundary + "\r\n" + part("text/plain", mail.words.text);
  out += "--" + boundary + "\r\n" + part("text/html", mail.words.html);
  out += "--" + boundary + "--\r\n";
  return out;
}

}  // namespace relay
