// A mail that waits to be sent: whom to tell what, not yet in words.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace relay {

enum class MailKind {
  verify_email,      // a link that verifies the recipient's address
  reset_password,    // a link that lets a password be set anew
  email_changed,     // to the old address, with a link that takes the change back
  password_changed,  // and below: notices
  new_sign_in,
  key_created,
  key_expiring,
  limit_near,
};
std::string_view to_string(MailKind kind);
/// internal for another word: the store is the only one that has it as text.
Result<MailKind> parse_mail_kind(std::string_view text);

/// No secret is kept in it: a link's token is made when the mail is put into words, just before it is sent.
struct OutgoingMail {
  std::string id{};  // "mail_…"
  MailKind kind = MailKind::verify_email;
  std::string user_id{};       // empty for reset_password and verify_email: found by the address then
  std::string recipient{};     // an address
  std::string details = "{}";  // what the template needs: a JSON object of texts
  std::int64_t attempts = 0;   // how often it was claimed
  WallTime created_at{};
  WallTime due_at{};
};

}  // namespace relay
