// Every way into an account but its e-mail address: closed at once where somebody else may hold one.
#pragma once

#include "base/clock.h"
#include "service/session_service.h"
#include "store/identity_store.h"
#include "store/two_factor_store.h"
#include "store/user_store.h"

#include <string>

namespace relay {

/// Thread-safe. All calls: unavailable; not_found "user_unknown".
class WaysIn {
 public:
  struct Parts {  // all must outlive it
    UserStore& users;
    IdentityStore& identities;
    TwoFactorStore& two_factors;
    SessionService& sessions;
    const Clock& clock;
  };

  explicit WaysIn(Parts parts) : parts_(parts) {}

  /// Ends the sessions, the second factor and the links to accounts elsewhere, and forgets the password: a
  /// new one is set with a link to the address. API keys stay.
  Task<User> close(std::string user_id);

 private:
  Parts parts_;
};

}  // namespace relay
