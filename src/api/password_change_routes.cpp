#include "api/password_change_routes.h"

#include "api/sign_in_object.h"
#include "api/stated_errors.h"
#include "service/password_change_service.h"

namespace relay {
namespace {

constexpr const char* kForgotten = "If the email exists, a password reset link has been sent";
constexpr const char* kReset = "Password reset successfully";
constexpr const char* kChanged = "Password changed successfully";

// Everything is optional here, so that the service can say what is missing.
struct ForgotRequest {
  std::optional<std::string> email;
};
BOOST_DESCRIBE_STRUCT(ForgotRequest, (), (email))

struct ResetRequest {
  std::optional<std::string> token;
  std::optional<std::string> encrypted_password;
  std::optional<std::string> encrypted_confirm_password;
  std::optional<std::string> nonce;
  std::optional<std::string> password;
  std::optional<std::string> confirm_password;
};
BOOST_DESCRIBE_STRUCT(ResetRequest, (),
                      (token, encrypted_password, encrypted_confirm_password, nonce, password,
                       confirm_password))

struct ChangeRequest {
  std::optional<std::string> encrypted_current_password;
  std::optional<std::string> encrypted_new_password;
  std::optional<std::string> encrypted_confirm_password;
  std::optional<std::string> nonce;
  std::optional<std::string> current_password;
  std::optional<std::string> new_password;
  std::optional<std::string> confirm_password;
};
BOOST_DESCRIBE_STRUCT(ChangeRequest, (),
                      (encrypted_current_password, encrypted_new_password, encrypted_confirm_password, nonce,
                       current_password, new_password, confirm_password))

Reply<NoFields> said(const char* message, bool plaintext = false) {
  Reply<NoFields> reply{.message = message};
  if (plaintext) reply.headers.push_back(plaintext_is_deprecated());
  return reply;
}

Task<Reply<NoFields>> forgot(PasswordChangeService& passwords, Call call, ForgotRequest request) {
  auto email = std::move(request.email).value_or("");
  CO_CHECK(co_await passwords.forgot(std::move(email), std::move(call.device)));
  co_return said(kForgotten);
}

Task<Reply<NoFields>> reset(PasswordChangeService& passwords, Call call, ResetRequest request) {
  PasswordFields fields;
  fields.encrypted = std::move(request.encrypted_password);
  fields.encrypted_confirm = std::move(request.encrypted_confirm_password);
  fields.nonce = std::move(request.nonce);
  fields.plain = std::move(request.password);
  fields.plain_confirm = std::move(request.confirm_password);
  const bool plaintext = !fields.encrypted.has_value();
  auto token = std::move(request.token).value_or("");
  CO_CHECK(co_await passwords.reset(std::move(token), std::move(fields), std::move(call.device)));
  co_return said(kReset, plaintext);
}

Task<Reply<NoFields>> change(PasswordChangeService& passwords, Call call, ChangeRequest request) {
  PasswordFields fields;
  fields.encrypted = std::move(request.encrypted_new_password);
  fields.encrypted_confirm = std::move(request.encrypted_confirm_password);
  fields.encrypted_current = std::move(request.encrypted_current_password);
  fields.nonce = std::move(request.nonce);
  fields.plain = std::move(request.new_password);
  fields.plain_confirm = std::move(request.confirm_password);
  fields.plain_current = std::move(request.current_password);
  const bool plaintext = !fields.encrypted.has_value();
  CO_CHECK(co_await passwords.change(std::move(call.user_id), std::move(call.session_id), std::move(fields),
                                     std::move(call.device)));
  co_return said(kChanged, plaintext);
}

const StatedError kBadReset{ErrorKind::validation, {"fields_required", "reset_token_invalid"}};
const StatedError kIncomplete{ErrorKind::validation, {"fields_required"}};

}  // namespace

std::vector<Route> password_change_routes(PasswordChangeService& passwords) {
  std::vector<Route> routes;
  routes.push_back(make_route<ForgotRequest, NoFields>(
      RouteSpec{"POST",
                "/auth/forgot-password",
                Access::open,
                "forgotPassword",
                "Ask for a link to set a new password; the same answer for every address",
                {kBadEmail, kTooManyTries}}
          .needs({"email"}),
      [&passwords](Call call, ForgotRequest request) {
        return forgot(passwords, std::move(call), std::move(request));
      }));
  routes.push_back(make_route<ResetRequest, NoFields>(
      RouteSpec{"POST",
                "/auth/reset-password",
                Access::open,
                "resetPassword",
                "Set a new password with the token of a link; ends all sessions",
                {kBadPassword, kBadReset, kBadEncryption, kInactive, kTooManyTries}}
          .needs({"token"})
          .sends("Deprecation"),
      [&passwords](Call call, ResetRequest request) {
        return reset(passwords, std::move(call), std::move(request));
      }));
  routes.push_back(make_route<ChangeRequest, NoFields>(
      RouteSpec{"POST",
                "/auth/change-password",
                Access::bearer,
                "changePassword",
                "Set a new password with the current one, both in one of two forms; ends the other sessions",
                {kBadPassword, kIncomplete, kBadEncryption, kWrongPassword, kTooManyTries}}
          .sends("Deprecation"),
      [&passwords](Call call, ChangeRequest request) {
        return change(passwords, std::move(call), std::move(request));
      }));
  return routes;
}

}  // namespace relay
