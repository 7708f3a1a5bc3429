// How often what is open to strangers may be tried: per address, per account, per pair of both.
#pragma once

#include "coordination/throttle.h"
#include "coordination/ticket_store.h"
#include "service/device.h"
#include "store/session_store.h"

#include <cstdint>
#include <string>

namespace relay {

/// Each is counted by itself.
enum class AuthAction {
  public_key,
  login,
  registration,
  refresh,
  verify_email,
  resend_verification,
  forgot_password,
  reset_password,
  confirm_password,  // again, by somebody signed in
  second_factor,
  oauth,
  verify_key,
};

/// Attempts are counted before their work, not after: of a thousand at once no more than the limit are
/// looked at. Windows that are filled grow (ThrottleRule::longest), so that guessing slows down; none lasts
/// for ever, and what an account has had from strangers does not count for an address that its owner was
/// signed in from before: nobody can lock somebody else out. Known and unknown accounts are treated alike.
/// Thread-safe. All calls: too_many_requests "too_many_attempts" with Retry-After, unavailable.
class AuthLimits {
 public:
  struct Parts {  // all must outlive it
    Throttle& throttle;
    TicketStore& tickets;
    SessionStore& sessions;
  };

  /// `attempts_per_address`: a minute, of each action (AUTH_LIMIT_PER_ADDRESS). The other limits follow it.
  AuthLimits(Parts parts, std::int64_t attempts_per_address)
      : parts_(parts), attempts_per_address_(attempts_per_address) {}

  /// For actions that name no account.
  Task<> count(AuthAction action, Device device);

  /// `account` is the e-mail address, in its one form, or where there is none what stands for it: the hash
  /// of a token or key. Never the secret itself.
  Task<> count(AuthAction action, Device device, std::string account);

  /// The pair starts anew. The account does not: else each sign-in of the owner would give strangers more.
  Task<> succeeded(AuthAction action, Device device, std::string account);

  /// False when this address had its few mails of a quarter of an hour: then the call passes without another,
  /// and the link that was sent last still works. Counted by themselves for `action` forgot_password and
  /// resend_verification, whoever asks.
  Task<bool> may_mail(AuthAction action, std::string account);

  /// Who opened a link that went to the account's mail is its owner: for a day this address counts as one
  /// that they were signed in from. So strangers who never stop still lock nobody out.
  Task<> owner_is_at(Device device, std::string account);

 private:
  Task<> pass_known_address(std::string account, std::string address, Error refusal);

  Parts parts_;
  std::int64_t attempts_per_address_;
};

}  // namespace relay
