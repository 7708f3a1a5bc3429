#include "api/two_factor_routes.h"

#include "api/sign_in_object.h"
#include "api/stated_errors.h"
#include "service/auth_service.h"
#include "service/two_factor_service.h"

namespace relay {
namespace {

struct TwoFactorObject {
  bool enabled = false;
  std::optional<WallTime> confirmed_at;
  std::int64_t recovery_codes_left = 0;
};
BOOST_DESCRIBE_STRUCT(TwoFactorObject, (), (enabled, confirmed_at, recovery_codes_left))

struct AuthenticatorObject {
  std::string secret;  // base32, for typing
  std::string otpauth_url;
};
BOOST_DESCRIBE_STRUCT(AuthenticatorObject, (), (secret, otpauth_url))

struct RecoveryCodesObject {
  std::vector<std::string> recovery_codes;
};
BOOST_DESCRIBE_STRUCT(RecoveryCodesObject, (), (recovery_codes))

struct ConfirmTwoFactorRequest {
  Text<1, 64> code;
};
BOOST_DESCRIBE_STRUCT(ConfirmTwoFactorRequest, (), (code))

struct OwnerProofRequest {
  std::optional<Text<0, 64>> code;
  std::optional<Text<0, 64>> recovery_code;
  std::optional<std::string> encrypted_password;
  std::optional<std::string> nonce;
  std::optional<std::string> password;
};
BOOST_DESCRIBE_STRUCT(OwnerProofRequest, (), (code, recovery_code, encrypted_password, nonce, password))

struct VerifyTwoFactorRequest {
  std::optional<Text<0, 200>> ticket;
  std::optional<Text<0, 64>> code;
  std::optional<Text<0, 64>> recovery_code;
};
BOOST_DESCRIBE_STRUCT(VerifyTwoFactorRequest, (), (ticket, code, recovery_code))

template <class T>
std::optional<std::string> text_of(std::optional<T> text) {
  if (!text) return std::nullopt;
  return std::move(text->value);
}

OwnerProof to_proof(OwnerProofRequest request) {
  return {.second_factor = {.code = text_of(std::move(request.code)),
                            .recovery_code = text_of(std::move(request.recovery_code))},
          .password = {.encrypted = std::move(request.encrypted_password),
                       .encrypted_confirm = std::nullopt,
                       .nonce = std::move(request.nonce),
                       .plain = std::move(request.password),
                       .plain_confirm = std::nullopt}};
}

Task<Reply<TwoFactorObject>> show(TwoFactorService& two_factors, Call call) {
  CO_TRY(auto state, co_await two_factors.state(std::move(call.user_id)));
  Reply<TwoFactorObject> reply{.data = {.enabled = state.on,
                                        .confirmed_at = state.confirmed_at,
                                        .recovery_codes_left = state.recovery_codes_left}};
  co_return reply;
}

Task<Reply<AuthenticatorObject>> set_up(TwoFactorService& two_factors, Call call) {
  CO_TRY(auto secret, co_await two_factors.set_up(std::move(call.user_id)));
  Reply<AuthenticatorObject> reply{
      .data = {.secret = std::move(secret.base32), .otpauth_url = std::move(secret.uri)},
      .message = "Confirm with a code of the app to turn two-factor authentication on"};
  co_return reply;
}

Reply<RecoveryCodesObject> codes_reply(std::vector<std::string> codes, const char* message) {
  return {.data = {.recovery_codes = std::move(codes)}, .message = message};
}

Task<Reply<RecoveryCodesObject>> confirm(TwoFactorService& two_factors, Call call,
                                         ConfirmTwoFactorRequest request) {
  CO_TRY(auto codes, co_await two_factors.confirm(std::move(call.user_id), std::move(request.code.value),
                                                  std::move(call.device)));
  co_return codes_reply(std::move(codes),
                        "Two-factor authentication is on. Please save the recovery codes securely as they "
                        "will not be shown again.");
}

Task<Reply<NoFields>> turn_off(TwoFactorService& two_factors, Call call, OwnerProof proof) {
  CO_CHECK(co_await two_factors.turn_off(std::move(call.user_id), std::move(proof), std::move(call.device)));
  Reply<NoFields> reply{.message = "Two-factor authentication is off"};
  co_return reply;
}

Task<Reply<RecoveryCodesObject>> renew(TwoFactorService& two_factors, Call call, OwnerProof proof) {
  CO_TRY(auto codes, co_await two_factors.renew_recovery_codes(std::move(call.user_id), std::move(proof),
                                                               std::move(call.device)));
  co_return codes_reply(std::move(codes),
                        "Please save the recovery codes securely as they will not be shown again. The older "
                        "ones do not work any more.");
}

Task<SignedInReply> verify(TwoFactorRouteParts parts, Call call, VerifyTwoFactorRequest request) {
  SecondFactorFields fields{.code = text_of(std::move(request.code)),
                            .recovery_code = text_of(std::move(request.recovery_code))};
  auto ticket = text_of(std::move(request.ticket)).value_or("");
  CO_TRY(auto user, co_await parts.auth.sign_in_with_second_factor(std::move(ticket), std::move(fields),
                                                                   std::move(call.device)));
  co_return co_await to_signed_in_reply(parts.profiles, std::move(user), "Logged in successfully");
}

const StatedError kOnAlready{ErrorKind::conflict, {"two_factor_on"}};
const StatedError kNotOn{ErrorKind::not_found, {"two_factor_unknown"}};

Errors proof_errors() {
  return {{ErrorKind::validation, {"proof_required"}},
          kPlaintextRefused,
          kBadEncryption,
          {ErrorKind::unauthorized, {"code_invalid", "invalid_credentials"}},
          kNotOn,
          kTooManyTries};
}

}  // namespace

std::vector<Route> two_factor_routes(TwoFactorRouteParts parts) {
  auto& two_factors = parts.two_factors;
  std::vector<Route> routes;
  routes.push_back(make_route<NoFields, TwoFactorObject>(
      {"GET", "/auth/mfa", Access::bearer, "getTwoFactor",
       "Whether two-factor authentication is on, and how many recovery codes are left"},
      [&two_factors](Call call, NoFields) { return show(two_factors, std::move(call)); }));
  routes.push_back(make_route<NoFields, AuthenticatorObject>(
      {"POST",
       "/auth/mfa/setup",
       Access::bearer,
       "setUpTwoFactor",
       "A secret for an authenticator app (TOTP); it asks for nothing until it was confirmed",
       {kOnAlready}},
      [&two_factors](Call call, NoFields) { return set_up(two_factors, std::move(call)); }));
  routes.push_back(make_route<ConfirmTwoFactorRequest, RecoveryCodesObject>(
      {"POST",
       "/auth/mfa/confirm",
       Access::bearer,
       "confirmTwoFactor",
       "Turn two-factor authentication on with a code of the app; answers ten recovery codes, once",
       {{ErrorKind::validation, {"code_invalid"}}, kNotOn, kOnAlready, kTooManyTries}},
      [&two_factors](Call call, ConfirmTwoFactorRequest request) {
        return confirm(two_factors, std::move(call), std::move(request));
      }));
  routes.push_back(make_route<OwnerProofRequest, NoFields>(
      RouteSpec{"POST", "/auth/mfa/disable", Access::bearer, "disableTwoFactor",
                "Turn two-factor authentication off; needs a code, a recovery code or the password again",
                proof_errors()},
      [&two_factors](Call call, OwnerProofRequest request) {
        return turn_off(two_factors, std::move(call), to_proof(std::move(request)));
      }));
  routes.push_back(make_route<OwnerProofRequest, RecoveryCodesObject>(
      RouteSpec{"POST", "/auth/mfa/recovery-codes", Access::bearer, "renewRecoveryCodes",
                "Ten new recovery codes in place of the old ones; needs a code, a recovery code or the "
                "password again",
                proof_errors()},
      [&two_factors](Call call, OwnerProofRequest request) {
        return renew(two_factors, std::move(call), to_proof(std::move(request)));
      }));
  routes.push_back(make_route<VerifyTwoFactorRequest, SignedInObject, SignedInObject>(
      RouteSpec{"POST",
                "/auth/mfa/verify",
                Access::open,
                "verifyTwoFactor",
                "The second call of a sign-in: the ticket of the first one, with a code or a recovery code",
                {{ErrorKind::validation, {"fields_required"}},
                 {ErrorKind::unauthorized, {"ticket_invalid", "code_invalid"}},
                 kInactive,
                 kTooManyTries}}
          .needs({"ticket"}),
      [parts](Call call, VerifyTwoFactorRequest request) {
        return verify(parts, std::move(call), std::move(request));
      }));
  return routes;
}

}  // namespace relay
