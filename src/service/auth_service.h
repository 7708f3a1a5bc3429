// Registering and signing in: passwords encrypted by the client or, where allowed, in plain text.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "delivery/outbox.h"
#include "service/audit_service.h"
#include "service/auth_limits.h"
#include "service/device.h"
#include "service/password_service.h"
#include "service/session_service.h"
#include "service/two_factor_service.h"
#include "store/user_store.h"

#include <string>
#include <string_view>
#include <variant>

namespace relay {

struct Registration {
  std::string email;
  std::string username;
  PasswordFields passwords;
};

struct SignedInUser {
  User user;
  IssuedTokens tokens;
};

/// In, or asked for the second factor first.
using SignInOutcome = std::variant<SignedInUser, TwoFactorChallenge>;

/// Thread-safe. Everything here is limited by AuthLimits: too_many_requests. Passwords in either form, with
/// the errors of PasswordService.
class AuthService {
 public:
  struct Parts {  // all must outlive the service
    UserStore& users;
    PasswordService& passwords;
    AuthLimits& limits;
    SessionService& sessions;
    TwoFactorService& two_factors;
    Outbox& outbox;
    AuditService& audit;
    const Clock& clock;
    Random& random;
  };

  explicit AuthService(Parts parts) : parts_(parts) {}

  Task<SignInKey> sign_in_key(Device device);

  /// validation with every wrong field named; conflict "email_taken", "username_taken".
  Task<SignedInUser> register_user(Registration registration, Device device);

  /// unauthorized "invalid_credentials", after the same work for known and unknown addresses; forbidden
  /// "account_inactive" after a right password only.
  Task<SignInOutcome> login(std::string email, PasswordFields passwords, Device device);

  /// The rest of every sign-in, once its first factor was right. `by`: what that was ("password", a
  /// provider).
  Task<SignInOutcome> sign_in(User user, std::string by, Device device);

  /// The second call of a sign-in. Errors as of TwoFactorService::redeem.
  Task<SignedInUser> sign_in_with_second_factor(std::string ticket, SecondFactorFields fields, Device device);

  /// Errors as of SessionService::refresh.
  Task<IssuedTokens> refresh(std::string refresh_token, Device device);

 private:
  Task<SignedInUser> open_session(User user, std::string by, Device device);
  Task<> note_refused_login(std::string user_id, std::string_view reason, Device device);
  Task<> insert(User user);
  Task<> renew_hash(User user, std::string password);

  Parts parts_;
};

}  // namespace relay
