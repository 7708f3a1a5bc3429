// The second factor: setting it up, proving it, and the ticket between the two calls of a sign-in.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "coordination/ticket_store.h"
#include "crypto/sealed_box.h"
#include "service/audit_service.h"
#include "service/auth_limits.h"
#include "service/password_service.h"
#include "store/two_factor_store.h"
#include "store/user_store.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

struct TwoFactorState {
  bool on = false;
  std::optional<WallTime> confirmed_at{};
  std::int64_t recovery_codes_left = 0;
};

/// Shown once. Both hold the secret.
struct AuthenticatorSecret {
  std::string base32;
  std::string uri;  // otpauth://…, for a QR code
};

/// What somebody offers: a code of the app, or a recovery code. Spaces and hyphens in either do not matter.
struct SecondFactorFields {
  std::optional<std::string> code{};  // a recovery code is taken here too
  std::optional<std::string> recovery_code{};

  bool given() const;
};

/// Proof that the owner is there, for changing the second factor: a code, or the password again.
struct OwnerProof {
  SecondFactorFields second_factor;
  PasswordFields password;
};

/// What a sign-in with a second factor answers first. The ticket is a secret.
struct TwoFactorChallenge {
  std::string ticket;
  WallTime expires_at;
};

/// A code works once; of the app's codes that of the present 30 seconds and those beside it do. Tries are
/// counted by AuthLimits, and a ticket dies after 5 wrong ones. Thread-safe.
/// All calls: unavailable; too_many_requests where a secret is tried.
class TwoFactorService {
 public:
  struct Parts {  // all must outlive the service
    TwoFactorStore& two_factors;
    UserStore& users;
    PasswordService& passwords;
    AuthLimits& limits;
    TicketStore& tickets;
    Throttle& throttle;
    AuditService& audit;
    const SealedBox& box;
    const Clock& clock;
    Random& random;
  };

  explicit TwoFactorService(Parts parts) : parts_(parts) {}

  Task<TwoFactorState> state(std::string user_id);

  /// A new secret, which asks for nothing until it was confirmed. conflict "two_factor_on".
  Task<AuthenticatorSecret> set_up(std::string user_id);

  /// Turns it on, and returns ten recovery codes, shown once. validation on `code`; conflict
  /// "two_factor_on"; not_found "two_factor_unknown" when nothing is set up.
  Task<std::vector<std::string>> confirm(std::string user_id, std::string code, Device device);

  /// Both: not_found "two_factor_unknown" when it is not on; validation on `code` without any proof;
  /// unauthorized "code_invalid" or "invalid_credentials" for a wrong one.
  Task<> turn_off(std::string user_id, OwnerProof proof, Device device);
  Task<std::vector<std::string>> renew_recovery_codes(std::string user_id, OwnerProof proof, Device device);

  /// Nothing when the user has no second factor: the first one is enough.
  Task<std::optional<TwoFactorChallenge>> challenge(std::string user_id);

  /// Who the ticket was for. Uses it up. validation on `ticket` and `code` when missing; unauthorized
  /// "ticket_invalid" for a ticket that is unknown, used, older than 5 minutes or dead; unauthorized
  /// "code_invalid" for a wrong or used code; forbidden "account_inactive".
  Task<User> redeem(std::string ticket, SecondFactorFields fields, Device device);

 private:
  Task<> check_factor(TwoFactor two_factor, SecondFactorFields fields, Device device);
  Task<> check_code(TwoFactor two_factor, std::string code);
  Task<> check_recovery_code(std::string user_id, std::string code, Device device);
  /// For `action`, which is written down when the proof is a wrong one.
  Task<> check_owner(std::string_view action, std::string user_id, OwnerProof proof, Device device);
  Task<> prove(std::string user_id, OwnerProof proof, Device device);
  Task<> note(std::string_view action, std::string user_id, Device device);
  Task<TwoFactor> find_on(std::string user_id);
  Task<std::string> open_secret(TwoFactor two_factor);
  Task<std::string> count_ticket(std::string ticket_name, Device device);
  std::vector<std::string> make_recovery_codes();

  Parts parts_;
};

}  // namespace relay
