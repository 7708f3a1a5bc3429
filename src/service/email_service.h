// E-mail addresses of people: that they are theirs, and how a change is taken back.
#pragma once

#include "base/clock.h"
#include "coordination/throttle.h"
#include "delivery/outbox.h"
#include "service/device.h"
#include "service/session_service.h"
#include "store/email_token_store.h"
#include "store/user_store.h"

#include <string>

namespace relay {

/// Thread-safe. unavailable when the store is away; too_many_requests by address of
/// the caller.
class EmailService {
 public:
  struct Settings {
    std::int64_t attempts_per_address = 30;  // a minute (AUTH_LIMIT_PER_ADDRESS)
  };
  struct Parts {  // all must outlive the service
    UserStore& users;
    EmailTokenStore& tokens;
    SessionService& sessions;
    Outbox& outbox;
    Throttle& throttle;
    const Clock& clock;
  };

  EmailService(Parts parts, Settings settings) : parts_(parts), settings_(settings) {}

  /// validation on `token` for one that is unknown, used or too old, or was sent to an address that the user
  /// no longer has.
  Task<> verify(std::string token, Device device);

  /// Sends the link again, if somebody has this address and it is not verified: the same work and the same
  /// answer for every address. validation for a text that is no address. Past a few mails for one address in
  /// a quarter of an hour it passes without sending another.
  Task<> resend(std::string email, Device device);

  /// Takes the change of an address back, with the link that went to the old one: ends all sessions and every
  /// link that was sent. validation on `token`; conflict "email_taken" when somebody else has it now.
  Task<> restore(std::string token, Device device);

 private:
  Task<> count_address(const char* action, std::string address);
  Task<EmailToken> use(std::string token, EmailTokenPurpose purpose, Device device);

  const Parts parts_;
  const Settings settings_;
};

}  // namespace relay
