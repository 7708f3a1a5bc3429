// A mail as it goes over the wire (RFC 5322, MIME).
#pragma once

#include "base/clock.h"
#include "delivery/mail_template.h"
#include "delivery/smtp_server.h"

#include <string>

namespace relay {

/// A mail in words, with its recipient.
struct WrittenMail {
  std::string id;         // "mail_…"
  std::string recipient;  // an address
  MailWords words;
  std::string link;  // the one that the mail is about; empty: none
};

/// Head and body: multipart/alternative, text first, both base64. The Message-ID comes from the mail's id, so
/// that a copy that was sent twice is recognised. No value can begin another header line.
std::string to_message(const WrittenMail& mail, const MailSender& sender, WallTime now);

/// For a header: as it is when it is plain ASCII, else encoded words (RFC 2047). Control characters are
/// spaces.
std::string to_header_text(std::string_view text);

}  // namespace relay
