#include "api/email_routes.h"

#include "api/stated_errors.h"
#include "service/email_service.h"

namespace relay {
namespace {

constexpr const char* kVerified = "Email verified successfully";
constexpr const char* kResent = "If the email exists and is not verified, a verification link has been sent";
constexpr const char* kRestored = "Email restored successfully";

// Everything is optional here, so that the service can say what is missing.
struct EmailRequest {
  std::optional<std::string> email;
};
BOOST_DESCRIBE_STRUCT(EmailRequest, (), (email))

struct TokenRequest {
  std::optional<std::string> token;
};
BOOST_DESCRIBE_STRUCT(TokenRequest, (), (token))

Reply<NoFields> said_of_mail(const char* message) { return {.message = message}; }

Task<Reply<NoFields>> verify(EmailService& emails, Call call, TokenRequest request) {
  auto token = std::move(request.token).value_or("");
  CO_CHECK(co_await emails.verify(std::move(token), std::move(call.device)));
  co_return said_of_mail(kVerified);
}

Task<Reply<NoFields>> resend(EmailService& emails, Call call, EmailRequest request) {
  auto email = std::move(request.email).value_or("");
  CO_CHECK(co_await emails.resend(std::move(email), std::move(call.device)));
  co_return said_of_mail(kResent);
}

Task<Reply<NoFields>> restore(EmailService& emails, Call call, TokenRequest request) {
  auto token = std::move(request.token).value_or("");
  CO_CHECK(co_await emails.restore(std::move(token), std::move(call.device)));
  co_return said_of_mail(kRestored);
}

const StatedError kBadToken{ErrorKind::validation, {"token_required", "email_token_invalid"}};
const StatedError kTaken{ErrorKind::conflict, {"email_taken"}};

}  // namespace

std::vector<Route> email_routes(EmailService& emails) {
  std::vector<Route> routes;
  routes.push_back(make_route<TokenRequest, NoFields>(
      RouteSpec{"POST",
                "/auth/verify-email",
                Access::open,
                "verifyEmail",
                "Say with the token of a link that an address is one's own",
                {kBadToken, kInactive, kTooManyTries}}
          .needs({"token"}),
      [&emails](Call call, TokenRequest request) {
        return verify(emails, std::move(call), std::move(request));
      }));
  routes.push_back(make_route<EmailRequest, NoFields>(
      RouteSpec{"POST",
                "/auth/resend-verification",
                Access::open,
                "resendVerification",
                "Ask for the verification link again; the same answer for every address",
                {kBadEmail, kTooManyTries}}
          .needs({"email"}),
      [&emails](Call call, EmailRequest request) {
        return resend(emails, std::move(call), std::move(request));
      }));
  routes.push_back(make_route<TokenRequest, NoFields>(
      RouteSpec{
          "POST",
          "/auth/restore-email",
          Access::open,
          "restoreEmail",
          "Take a changed address back with the token that went to the old one; ends every other way in",
          {kBadToken, kInactive, kTaken, kTooManyTries}}
          .needs({"token"}),
      [&emails](Call call, TokenRequest request) {
        return restore(emails, std::move(call), std::move(request));
      }));
  return routes;
}

}  // namespace relay
