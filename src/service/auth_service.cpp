#include "service/auth_service.h"

#include "crypto/sha256.h"
#include "domain/identifier.h"

namespace relay {
namespace {

Result<> check_complete(const Registration& registration) {
  Error error(ErrorKind::validation, "fields_required",
              "Email, username, password and confirmPassword are required");
  if (registration.email.empty()) error.on_field("email", "is required");
  if (registration.username.empty()) error.on_field("username", "is required");
  if (!registration.passwords.given()) error.on_field("password", "is required");
  if (!error.fields().empty()) return error;
  return ok;
}

// The first error's words, every error's fields.
void collect(std::optional<Error>& all, Error one) {
  if (!all) {
    all = std::move(one);
    return;
  }
  for (const auto& [field, message] : one.fields()) all->on_field(field, message);
}

// A text that is no address is an unknown account, with all that follows.
std::string account_of(const Result<EmailAddress>& email) {
  return email.has_value() ? email->text() : std::string("?");
}

}  // namespace

Task<SignInKey> AuthService::sign_in_key(Device device) {
  CO_CHECK(co_await parts_.limits.count(AuthAction::public_key, std::move(device)));
  co_return co_await parts_.passwords.sign_in_key();
}

Task<SignedInUser> AuthService::register_user(Registration registration, Device device) {
  CO_CHECK(check_complete(registration));
  auto email = EmailAddress::parse(registration.email);
  auto account = account_of(email);
  CO_CHECK(co_await parts_.limits.count(AuthAction::registration, device, std::move(account)));
  CO_TRY(auto plain, co_await parts_.passwords.read(std::move(registration.passwords), device));

  auto username = Username::parse(registration.username);
  auto password = parse_new_password(plain, "password");
  std::optional<Error> wrong;
  if (email.has_error()) collect(wrong, std::move(email).error());
  if (username.has_error()) collect(wrong, std::move(username).error());
  if (password.has_error()) collect(wrong, std::move(password).error());
  if (wrong) co_return *std::move(wrong);

  CO_TRY(auto hash, co_await parts_.passwords.hash(password->text()));
  const auto now = parts_.clock.now();
  User user{.id = make_identifier("usr_", now, parts_.random),
            .email = *std::move(email),
            .username = *std::move(username),
            .display_name = registration.username,
            .password_hash = std::move(hash),
            .last_login_at = now,
            .created_at = now,
            .updated_at = now};
  CO_CHECK(co_await insert(user));
  auto mail = parts_.outbox.make(MailKind::verify_email, user.id, user.email.text());
  CO_CHECK(co_await parts_.outbox.put(std::move(mail)));
  CO_TRY(auto tokens, co_await parts_.sessions.open(user, device));
  auto act = act_of_user(audit_action::kRegister, user.id);
  CO_CHECK(co_await parts_.audit.record(std::move(act), std::move(device)));
  co_return SignedInUser{.user = std::move(user), .tokens = std::move(tokens)};
}

Task<> AuthService::insert(User user) {
  auto inserted = co_await parts_.users.insert(user);
  if (inserted.has_value() || inserted.error().code() != "username_taken") co_return inserted;
  // When both are taken it is most often the same person again: the address is the better answer.
  auto same_email = co_await parts_.users.find_by_email(user.email);
  if (same_email.has_error()) co_return inserted;
  co_return Error(ErrorKind::conflict, "email_taken", "Email already registered");
}

Task<SignInOutcome> AuthService::login(std::string email_text, PasswordFields fields, Device device) {
  if (email_text.empty() || !fields.given()) {
    Error error(ErrorKind::validation, "fields_required", "Email and password are required");
    if (email_text.empty()) error.on_field("email", "is required");
    if (!fields.given()) error.on_field("password", "is required");
    co_return error;
  }
  const auto account = account_of(EmailAddress::parse(email_text));
  CO_CHECK(co_await parts_.limits.count(AuthAction::login, device, account));
  CO_TRY(auto plain, co_await parts_.passwords.read(std::move(fields), device));

  auto found = co_await parts_.users.find_by_email(EmailAddress::from_store(account));
  if (found.has_error() && found.error().kind() != ErrorKind::not_found) co_return std::move(found).error();
  std::string hash = found.has_value() ? found->password_hash : "";
  CO_TRY(const bool right, co_await parts_.passwords.verify(plain.password, std::move(hash)));
  if (!right || found.has_error()) {
    // The same work again, whether somebody has this address or not.
    auto user_id = found.has_value() ? found->id : std::string();
    CO_CHECK(co_await note_refused_login(std::move(user_id), "credentials", std::move(device)));
    co_return invalid_credentials();
  }
  auto user = *std::move(found);
  auto active = user.check_active();
  if (active.has_error()) {
    CO_CHECK(co_await note_refused_login(user.id, active.error().code(), std::move(device)));
    co_return std::move(active).error();
  }

  if (parts_.passwords.needs_rehash(user.password_hash)) {
    CO_CHECK(co_await renew_hash(user, std::move(plain.password)));
  }
  std::string by = "password";
  CO_TRY(auto outcome, co_await sign_in(std::move(user), std::move(by), device));
  // With a second factor the tries of the first one count until both were right.
  if (std::holds_alternative<SignedInUser>(outcome)) {
    CO_CHECK(co_await parts_.limits.succeeded(AuthAction::login, std::move(device), account));
  }
  co_return outcome;
}

// Not a coroutine: what it is given is taken over before it returns.
Task<> AuthService::note_refused_login(std::string user_id, std::string_view reason, Device device) {
  AuditAct act{.action = audit_action::kLogin,
               .user_id = std::move(user_id),
               .actor_kind = AuditActor::nobody,
               .outcome = AuditOutcome::failure};
  act.details.emplace_back("reason", reason);
  return parts_.audit.record(std::move(act), std::move(device));
}

Task<SignInOutcome> AuthService::sign_in(User user, std::string by, Device device) {
  CO_TRY(auto challenge, co_await parts_.two_factors.challenge(user.id));
  if (challenge) co_return SignInOutcome(*std::move(challenge));
  CO_TRY(auto signed_in, co_await open_session(std::move(user), std::move(by), std::move(device)));
  co_return SignInOutcome(std::move(signed_in));
}

Task<SignedInUser> AuthService::sign_in_with_second_factor(std::string ticket, SecondFactorFields fields,
                                                           Device device) {
  CO_TRY(auto user, co_await parts_.two_factors.redeem(std::move(ticket), std::move(fields), device));
  co_return co_await open_session(std::move(user), "second_factor", std::move(device));
}

Task<SignedInUser> AuthService::open_session(User user, std::string by, Device device) {
  user.last_login_at = parts_.clock.now();
  CO_CHECK(co_await parts_.users.record_login(user.id, *user.last_login_at));
  CO_TRY(auto tokens, co_await parts_.sessions.open(user, device));
  auto act = act_of_user(audit_action::kLogin, user.id);
  act.details.emplace_back("by", std::move(by));
  CO_CHECK(co_await parts_.audit.record(std::move(act), std::move(device)));
  co_return SignedInUser{.user = std::move(user), .tokens = std::move(tokens)};
}

Task<> AuthService::renew_hash(User user, std::string password) {
  CO_TRY(auto hash, co_await parts_.passwords.hash(std::move(password)));
  UserChanges changes;
  changes.password_hash = std::move(hash);
  CO_TRY(auto updated,
         co_await parts_.users.update(std::move(user.id), std::move(changes), parts_.clock.now()));
  (void)updated;
  co_return ok;
}

Task<IssuedTokens> AuthService::refresh(std::string refresh_token, Device device) {
  if (refresh_token.empty()) {
    co_return Error(ErrorKind::validation, "refresh_token_required", "Refresh token is required")
        .on_field("refreshToken", "is required");
  }
  CO_CHECK(co_await parts_.limits.count(AuthAction::refresh, device, sha256_hex(refresh_token)));
  co_return co_await parts_.sessions.refresh(std::move(refresh_token), std::move(device));
}

}  // namespace relay
