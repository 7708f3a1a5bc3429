#include "service/password_change_service.h"

#include "crypto/sha256.h"

namespace relay {
namespace {

Error bad_reset_token() {
  return Error(ErrorKind::validation, "reset_token_invalid", "Invalid or expired reset token")
      .on_field("token", "is not valid any more: ask for a new link");
}

Error required(const char* field, std::string message) {
  return Error(ErrorKind::validation, "fields_required", std::move(message)).on_field(field, "is required");
}

}  // namespace

// The act has happened: that the notice could not be kept is in the log.
Task<> PasswordChangeService::tell_changed(std::string_view action, User user, Device device) {
  auto act = act_of_user(action, user.id);
  CO_CHECK(co_await parts_.audit.record(std::move(act), device));
  auto notice = password_changed_notice(device, parts_.clock.now());
  static_cast<void>(co_await parts_.notifications.tell(std::move(user), std::move(notice)));
  co_return ok;
}

Task<> PasswordChangeService::forgot(std::string email_text, Device device) {
  if (email_text.empty()) co_return required("email", "Email is required");
  CO_TRY(auto email, EmailAddress::parse(email_text));
  CO_CHECK(co_await parts_.limits.count(AuthAction::forgot_password, device, email.text()));
  CO_TRY(const bool may_mail, co_await parts_.limits.may_mail(AuthAction::forgot_password, email.text()));
  if (!may_mail) co_return ok;
  auto mail = parts_.outbox.make(MailKind::reset_password, "", email.text());
  CO_CHECK(co_await parts_.outbox.put(std::move(mail)));
  // Written down for every address; whose it is, where it is somebody's.
  auto found = co_await parts_.users.find_by_email(std::move(email));
  if (found.has_error() && found.error().kind() != ErrorKind::not_found) co_return std::move(found).error();
  AuditAct act{.action = audit_action::kPasswordResetAsked, .actor_kind = AuditActor::nobody};
  if (found.has_value()) act.user_id = found->id;
  co_return co_await parts_.audit.record(std::move(act), std::move(device));
}

Task<> PasswordChangeService::reset(std::string token_text, PasswordFields passwords, Device device) {
  if (token_text.empty() || !passwords.given()) {
    Error error(ErrorKind::validation, "fields_required", "Token and password are required");
    if (token_text.empty()) error.on_field("token", "is required");
    if (!passwords.given()) error.on_field("password", "is required");
    co_return error;
  }
  const auto token_hash = sha256_hex(token_text);
  CO_CHECK(co_await parts_.limits.count(AuthAction::reset_password, device, token_hash));
  if (token_text.size() > kEmailTokenTextMax) co_return bad_reset_token();
  CO_TRY(auto plain, co_await parts_.passwords.read(std::move(passwords), device));
  // The hash first: a password that is not good enough does not use the link up.
  CO_TRY(const auto password, parse_new_password(plain, "password"));
  CO_TRY(auto hash, co_await parts_.passwords.hash(password.text()));

  const auto now = parts_.clock.now();
  auto token = co_await parts_.tokens.consume(token_hash, EmailTokenPurpose::reset, now);
  if (token.has_error()) {
    if (token.error().kind() != ErrorKind::not_found) co_return std::move(token).error();
    AuditAct act{.action = audit_action::kPasswordReset,
                 .actor_kind = AuditActor::nobody,
                 .outcome = AuditOutcome::failure};
    CO_CHECK(co_await parts_.audit.record(std::move(act), std::move(device)));
    co_return bad_reset_token();
  }
  CO_TRY(auto user, co_await parts_.users.find(token->user_id));
  if (user.email != token->email) co_return bad_reset_token();  // sent to an address that was changed since
  CO_CHECK(user.check_active());

  // Until now nobody had shown that this address is theirs: what else leads in may be somebody else's.
  if (!user.email_verified) {
    CO_TRY(user, co_await parts_.ways_in.close(user.id));
  }
  UserChanges changes;
  changes.password_hash = std::move(hash);
  changes.email_verified = true;
  CO_TRY(user, co_await parts_.users.update(user.id, std::move(changes), now));
  CO_CHECK(co_await parts_.sessions.end_all(user.id, ""));
  CO_CHECK(co_await parts_.limits.owner_is_at(device, user.email.text()));
  co_return co_await tell_changed(audit_action::kPasswordReset, std::move(user), std::move(device));
}

Task<> PasswordChangeService::change(std::string user_id, std::string session_id, PasswordFields passwords,
                                     Device device) {
  if (!passwords.given() || !passwords.current_given()) {
    Error error(ErrorKind::validation, "fields_required", "Current password and new password are required");
    if (!passwords.current_given()) error.on_field("currentPassword", "is required");
    if (!passwords.given()) error.on_field("newPassword", "is required");
    co_return error;
  }
  CO_TRY(auto user, co_await parts_.users.find(user_id));
  CO_CHECK(co_await parts_.limits.count(AuthAction::confirm_password, device, user.email.text()));
  CO_TRY(auto plain, co_await parts_.passwords.read(std::move(passwords), device));
  CO_TRY(const bool right,
         co_await parts_.passwords.verify(std::move(plain.current).value_or(""), user.password_hash));
  if (!right) {
    auto act = act_of_user(audit_action::kPasswordChanged, std::move(user_id));
    act.outcome = AuditOutcome::failure;
    CO_CHECK(co_await parts_.audit.record(std::move(act), std::move(device)));
    co_return invalid_credentials();
  }
  CO_CHECK(co_await parts_.limits.succeeded(AuthAction::confirm_password, device, user.email.text()));
  CO_TRY(const auto password, parse_new_password(plain, "newPassword"));
  CO_TRY(auto hash, co_await parts_.passwords.hash(password.text()));

  const auto now = parts_.clock.now();
  UserChanges changes;
  changes.password_hash = std::move(hash);
  CO_TRY(user, co_await parts_.users.update(user_id, std::move(changes), now));
  CO_CHECK(co_await parts_.sessions.end_all(user_id, std::move(session_id)));
  CO_CHECK(co_await parts_.tokens.discard(std::move(user_id), EmailTokenPurpose::reset));
  co_return co_await tell_changed(audit_action::kPasswordChanged, std::move(user), std::move(device));
}

}  // namespace relay
