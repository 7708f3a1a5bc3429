#include "api/auth_routes.h"

#include "api/sign_in_object.h"
#include "api/stated_errors.h"
#include "service/auth_service.h"
#include "service/profile_service.h"
#include "service/session_service.h"

namespace relay {
namespace {

struct PublicKeyObject {
  std::string public_key;
  std::string nonce;
  std::int64_t timestamp = 0;  // epoch milliseconds
};
BOOST_DESCRIBE_STRUCT(PublicKeyObject, (), (public_key, nonce, timestamp))

// Everything is optional here, so that the service can say in the contract's words what is missing.
struct RegisterRequest {
  std::optional<std::string> email;
  std::optional<std::string> username;
  std::optional<std::string> encrypted_password;
  std::optional<std::string> encrypted_confirm_password;
  std::optional<std::string> nonce;
  std::optional<std::string> password;
  std::optional<std::string> confirm_password;
};
BOOST_DESCRIBE_STRUCT(RegisterRequest, (),
                      (email, username, encrypted_password, encrypted_confirm_password, nonce, password,
                       confirm_password))

struct LoginRequest {
  std::optional<std::string> email;
  std::optional<std::string> encrypted_password;
  std::optional<std::string> nonce;
  std::optional<std::string> password;
};
BOOST_DESCRIBE_STRUCT(LoginRequest, (), (email, encrypted_password, nonce, password))

struct LogoutRequest {
  std::optional<bool> all;
};
BOOST_DESCRIBE_STRUCT(LogoutRequest, (), (all))

struct RefreshRequest {
  std::optional<std::string> refresh_token;
};
BOOST_DESCRIBE_STRUCT(RefreshRequest, (), (refresh_token))

Task<Reply<PublicKeyObject, PublicKeyObject>> public_key(AuthService& auth, Call call) {
  CO_TRY(auto key, co_await auth.sign_in_key(std::move(call.device)));
  PublicKeyObject object{.public_key = std::move(key.public_pem),
                         .nonce = std::move(key.nonce),
                         .timestamp = key.issued_at.time_since_epoch().count()};
  Reply<PublicKeyObject, PublicKeyObject> reply{.data = object, .top = object};
  co_return reply;
}

Task<SignedInReply> register_user(AuthRouteParts parts, Call call, RegisterRequest request) {
  Registration registration{.email = std::move(request.email).value_or(""),
                            .username = std::move(request.username).value_or(""),
                            .passwords = {.encrypted = std::move(request.encrypted_password),
                                          .encrypted_confirm = std::move(request.encrypted_confirm_password),
                                          .nonce = std::move(request.nonce),
                                          .plain = std::move(request.password),
                                          .plain_confirm = std::move(request.confirm_password)}};
  const bool plaintext = !registration.passwords.encrypted.has_value();
  CO_TRY(auto user, co_await parts.auth.register_user(std::move(registration), std::move(call.device)));
  CO_TRY(auto reply, co_await to_signed_in_reply(parts.profiles, std::move(user), "Registered successfully"));
  reply.status = 201;
  if (plaintext) reply.headers.push_back(plaintext_is_deprecated());
  co_return reply;
}

Task<SignInReply> login(AuthRouteParts parts, Call call, LoginRequest request) {
  PasswordFields passwords{.encrypted = std::move(request.encrypted_password),
                           .encrypted_confirm = std::nullopt,
                           .nonce = std::move(request.nonce),
                           .plain = std::move(request.password),
                           .plain_confirm = std::nullopt};
  const bool plaintext = !passwords.encrypted.has_value();
  auto email = std::move(request.email).value_or("");
  CO_TRY(auto outcome,
         co_await parts.auth.login(std::move(email), std::move(passwords), std::move(call.device)));
  CO_TRY(auto reply, co_await to_sign_in_reply(parts.profiles, std::move(outcome)));
  if (plaintext) reply.headers.push_back(plaintext_is_deprecated());
  co_return reply;
}

Task<Reply<NoFields>> logout(SessionService& sessions, Call call, LogoutRequest request) {
  if (request.all.value_or(false)) {
    CO_CHECK(co_await sessions.sign_out_everywhere(actor_of(call)));
  } else {
    CO_CHECK(co_await sessions.sign_out(actor_of(call), std::move(call.session_id)));
  }
  Reply<NoFields> reply{.message = "Logged out successfully"};
  co_return reply;
}

Task<Reply<TokensObject, TokensObject>> refresh(AuthService& auth, Call call, RefreshRequest request) {
  auto token = std::move(request.refresh_token).value_or("");
  CO_TRY(auto tokens, co_await auth.refresh(std::move(token), std::move(call.device)));
  const auto object = to_tokens_object(tokens);
  Reply<TokensObject, TokensObject> reply{.data = object, .top = object};
  co_return reply;
}

const StatedError kBadAccount{ErrorKind::validation,
                              {"fields_required", "email_invalid", "username_invalid"}};

}  // namespace

std::vector<Route> auth_routes(AuthRouteParts parts) {
  std::vector<Route> routes;
  routes.push_back(make_route<NoFields, PublicKeyObject, PublicKeyObject>(
      {"GET",
       "/auth/public-key",
       Access::open,
       "getPublicKey",
       "The key and the nonce to encrypt passwords with: RSA-OAEP, SHA-256 for hash and MGF1, base64",
       {kTooManyTries}},
      [&auth = parts.auth](Call call, NoFields) { return public_key(auth, std::move(call)); }));
  routes.push_back(make_route<RegisterRequest, SignedInObject, SignedInObject>(
      RouteSpec{"POST",
                "/auth/register",
                Access::open,
                "register",
                "Make an account; needs email, username and a password in one of its two forms",
                {kBadPassword,
                 kBadAccount,
                 kBadEncryption,
                 {ErrorKind::conflict, {"email_taken", "username_taken"}},
                 kTooManyTries},
                201}
          .needs({"email", "username"})
          .sends("Deprecation"),
      [parts](Call call, RegisterRequest request) {
        return register_user(parts, std::move(call), std::move(request));
      }));
  routes.push_back(make_route<LoginRequest, SignInObject, SignInObject>(
      RouteSpec{"POST",
                "/auth/login",
                Access::open,
                "login",
                "Sign in; needs email and a password in one of its two forms. With two-factor authentication "
                "on, it answers a ticket for POST auth/mfa/verify",
                {{ErrorKind::validation, {"fields_required", "plaintext_password_refused"}},
                 kBadEncryption,
                 kWrongPassword,
                 kInactive,
                 kTooManyTries}}
          .needs({"email"})
          .sends("Deprecation"),
      [parts](Call call, LoginRequest request) {
        return login(parts, std::move(call), std::move(request));
      }));
  routes.push_back(make_route<LogoutRequest, NoFields>(
      {"POST", "/auth/logout", Access::bearer, "logout", "End this session, or all of them"},
      [&sessions = parts.sessions](Call call, LogoutRequest request) {
        return logout(sessions, std::move(call), std::move(request));
      }));
  routes.push_back(make_route<RefreshRequest, TokensObject, TokensObject>(
      RouteSpec{
          "POST",
          "/auth/refresh",
          Access::open,
          "refresh",
          "A new pair of tokens; a refresh token used twice ends all sessions that came from its sign-in",
          {{ErrorKind::validation, {"refresh_token_required"}},
           {ErrorKind::unauthorized, {"refresh_token_invalid", "refresh_token_reused"}},
           kInactive,
           kTooManyTries}}
          .needs({"refreshToken"}),
      [&auth = parts.auth](Call call, RefreshRequest request) {
        return refresh(auth, std::move(call), std::move(request));
      }));
  return routes;
}

}  // namespace relay
