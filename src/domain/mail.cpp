#include "domain/mail.h"

namespace relay {

std::string_view to_string(MailKind kind) {
  switch (kind) {
    case MailKind::verify_email:
      return "verify_email";
    case MailKind::reset_password:
      return "reset_password";
    case MailKind::email_changed:
      return "email_changed";
    case MailKind::password_changed:
      return "password_changed";
    case MailKind::new_sign_in:
      return "new_sign_in";
    case MailKind::key_created:
      return "key_created";
    case MailKind::key_expiring:
      return "key_expiring";
    case MailKind::limit_near:
      return "limit_near";
  }
  return "verify_email";
}

Result<MailKind> parse_mail_kind(std::string_view text) {
  for (const auto kind :
       {MailKind::verify_email, MailKind::reset_password, MailKind::email_changed, MailKind::password_changed,
        MailKind::new_sign_in, MailKind::key_created, MailKind::key_expiring, MailKind::limit_near}) {
    if (to_string(kind) == text) return kind;
  }
  return Error(ErrorKind::internal, "bad_mail_kind", "Internal error")
      .because("mail kind " + std::string(text));
}

}  // namespace relay
