#include "service/email_service.h"

#include "crypto/sha256.h"

namespace relay {
namespace {

Error bad_token() {
  return Error(ErrorKind::validation, "email_token_invalid", "Invalid or expired token")
      .on_field("token", "is not valid any more: ask for a new link");
}

}  // namespace

Task<EmailToken> EmailService::use(std::string token, EmailTokenPurpose purpose, Device device) {
  if (token.empty()) {
    co_return Error(ErrorKind::validation, "token_required", "Token is required")
        .on_field("token", "is required");
  }
  const auto hash = sha256_hex(token);
  CO_CHECK(co_await parts_.limits.count(AuthAction::verify_email, std::move(device), hash));
  if (token.size() > kEmailTokenTextMax) co_return bad_token();
  auto used = co_await parts_.tokens.consume(hash, purpose, parts_.clock.now());
  if (used.has_error() && used.error().kind() == ErrorKind::not_found) co_return bad_token();
  co_return used;
}

Task<> EmailService::verify(std::string token_text, Device device) {
  CO_TRY(auto token, co_await use(std::move(token_text), EmailTokenPurpose::verify, device));
  CO_TRY(auto user, co_await parts_.users.find(token.user_id));
  if (user.email != token.email) co_return bad_token();
  CO_CHECK(user.check_active());
  UserChanges changes;
  changes.email_verified = true;
  CO_TRY(user, co_await parts_.users.update(user.id, std::move(changes), parts_.clock.now()));
  auto act = act_of_user(audit_action::kEmailVerified, std::move(user.id));
  co_return co_await parts_.audit.record(std::move(act), std::move(device));
}

Task<> EmailService::resend(std::string email_text, Device device) {
  if (email_text.empty()) {
    co_return Error(ErrorKind::validation, "fields_required", "Email is required")
        .on_field("email", "is required");
  }
  CO_TRY(auto email, EmailAddress::parse(email_text));
  CO_CHECK(co_await parts_.limits.count(AuthAction::resend_verification, std::move(device), email.text()));
  CO_TRY(const bool may_mail, co_await parts_.limits.may_mail(AuthAction::resend_verification, email.text()));
  if (!may_mail) co_return ok;
  auto mail = parts_.outbox.make(MailKind::verify_email, "", email.text());
  co_return co_await parts_.outbox.put(std::move(mail));
}

Task<> EmailService::restore(std::string token_text, Device device) {
  CO_TRY(auto token, co_await use(std::move(token_text), EmailTokenPurpose::restore, device));
  CO_TRY(auto user, co_await parts_.users.find(token.user_id));
  CO_CHECK(user.check_active());
  UserChanges changes;
  changes.email = token.email;
  changes.email_verified = true;
  CO_TRY(user, co_await parts_.users.update(user.id, std::move(changes), parts_.clock.now()));
  for (const auto purpose :
       {EmailTokenPurpose::verify, EmailTokenPurpose::reset, EmailTokenPurpose::restore}) {
    CO_CHECK(co_await parts_.tokens.discard(user.id, purpose));
  }
  CO_TRY(user, co_await parts_.ways_in.close(user.id));
  auto act = act_of_user(audit_action::kEmailRestored, std::move(user.id));
  co_return co_await parts_.audit.record(std::move(act), std::move(device));
}

}  // namespace relay
