// What people see of themselves.
#pragma once

#include "base/clock.h"
#include "store/usage_store.h"
#include "store/user_store.h"

#include <string>

namespace relay {

/// A user and what the month has used so far.
struct Profile {
  User user;
  UsageTotals this_month;  // the calendar month in UTC
};

/// All calls: unavailable when the store is away. Thread-safe.
class ProfileService {
 public:
  struct Parts {  // all must outlive the service
    UserStore& users;
    UsageStore& usage;
    const Clock& clock;
  };

  explicit ProfileService(Parts parts) : parts_(parts) {}

  /// not_found "user_unknown".
  Task<Profile> find(std::string user_id);

  /// The same for a user who is at hand already.
  Task<Profile> complete(User user);

 private:
  Parts parts_;
};

}  // namespace relay
