// E-mail addresses of people: that they are theirs, and how a change is taken back.
#pragma once

#include "base/clock.h"
#include "delivery/outbox.h"
#include "service/audit_service.h"
#include "service/auth_limits.h"
#include "service/device.h"
#include "service/ways_in.h"
#include "store/email_token_store.h"
#include "store/user_store.h"

#include <string>

namespace relay {

/// Thread-safe. All calls: unavailable when the store is away; too_many_requests by AuthLimits.
class EmailService {
 public:
  struct Parts {  // all must outlive the service
    UserStore& users;
    EmailTokenStore& tokens;
    AuthLimits& limits;
    WaysIn& ways_in;
    Outbox& outbox;
    AuditService& audit;
    const Clock& clock;
  };

  explicit EmailService(Parts parts) : parts_(parts) {}

  /// validation on `token` for one that is unknown, used or too old, or was sent to an address that the user
  /// no longer has.
  Task<> verify(std::string token, Device device);

  /// Sends the link again, if somebody has this address and it is not verified: the same work and the same
  /// answer for every address. validation for a text that is no address. Past a few mails for one address in
  /// a quarter of an hour it passes without sending another.
  Task<> resend(std::string email, Device device);

  /// Takes the change of an address back, with the link that went to the old one. Somebody else may have made
  /// it: every way in ends, the password too, and every link that was sent. validation on `token`; conflict
  /// "email_taken" when somebody else has it now.
  Task<> restore(std::string token, Device device);

 private:
  Task<EmailToken> use(std::string token, EmailTokenPurpose purpose, Device device);

  const Parts parts_;
};

}  // namespace relay
