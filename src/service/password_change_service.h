// Setting a password anew: with a link from a mail, or with the one before it.
#pragma once

#include "delivery/outbox.h"
#include "service/auth_limits.h"
#include "service/notification_service.h"
#include "service/password_service.h"
#include "service/session_service.h"
#include "service/ways_in.h"
#include "store/email_token_store.h"
#include "store/user_store.h"

#include <string>

namespace relay {

/// Thread-safe. All calls are limited by AuthLimits: too_many_requests. Passwords in either form, with the
/// errors of PasswordService.
class PasswordChangeService {
 public:
  struct Parts {  // all must outlive the service
    UserStore& users;
    EmailTokenStore& tokens;
    PasswordService& passwords;
    AuthLimits& limits;
    SessionService& sessions;
    WaysIn& ways_in;
    NotificationService& notifications;
    Outbox& outbox;
    AuditService& audit;
    const Clock& clock;
  };

  explicit PasswordChangeService(Parts parts) : parts_(parts) {}

  /// Sends a link, if somebody has this address: the same work and the same answer for every address.
  /// validation for a text that is no address. Past a few mails for one address in a quarter of an hour it
  /// passes without sending another.
  Task<> forgot(std::string email, Device device);

  /// Ends all sessions. The address is verified by it: the link went there; when nobody had verified it
  /// before, every other way in ends as well. validation on `token` for one that is unknown, used or too old,
  /// and on the password.
  Task<> reset(std::string token, PasswordFields passwords, Device device);

  /// Ends the other sessions. unauthorized "invalid_credentials" for a wrong current password.
  Task<> change(std::string user_id, std::string session_id, PasswordFields passwords, Device device);

 private:
  Task<> tell_changed(std::string_view action, User user, Device device);

  const Parts parts_;
};

}  // namespace relay
