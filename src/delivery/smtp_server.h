// The mail server and the sender, as SMTP_URL and SMTP_FROM name them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace relay {

struct SmtpServer {
  bool tls_from_the_start = false;  // smtps://; smtp:// changes to TLS by STARTTLS
  std::string host;                 // a name or an address; IPv6 in brackets
  std::uint16_t port = 0;
  std::string user, password;  // both empty: no sign-in
  std::string ca_file;         // PEM, beside the system's authorities; empty: those alone

  bool is_local() const { return host == "localhost" || host.starts_with("127.") || host == "[::1]"; }
  /// A password, and what a mail to another machine has in it, does not travel in clear text.
  bool must_use_tls() const { return !user.empty() && !is_local(); }
};

struct MailSender {
  std::string name;     // "Claude Relay"; may be empty
  std::string address;  // "relay@example.com"
};

/// "smtp://user:password@mail.example.com:587": user and password percent-encoded. Without a port 587 and
/// 465. What is wrong, as a sentence that goes behind the setting's name and has no secret in it; empty:
/// nothing.
std::string parse_smtp_url(std::string_view text, SmtpServer& out);

/// "relay@example.com" or "Claude Relay <relay@example.com>". The same.
std::string parse_mail_sender(std::string_view text, MailSender& out);

}  // namespace relay
