// What people see of themselves, and what they may change of it.
#pragma once

#include "base/clock.h"
#include "coordination/throttle.h"
#include "delivery/outbox.h"
#include "service/audit_service.h"
#include "service/device.h"
#include "service/notification_service.h"
#include "store/email_token_store.h"
#include "store/two_factor_store.h"
#include "store/usage_store.h"
#include "store/user_store.h"

#include <optional>
#include <string>

namespace relay {

/// A user and what the month has used so far.
struct Profile {
  User user;
  UsageTotals this_month;  // the calendar month in UTC
  bool has_two_factor = false;
};

/// What people may change of themselves; what is not set stays. Nothing else of a user can be reached by it.
struct ProfileChanges {
  std::optional<std::string> username{};
  std::optional<std::string> display_name{};
  std::optional<std::string> email{};
  std::optional<std::string> timezone{};
  std::optional<std::string> locale{};
};

/// All calls: unavailable when the store is away. Thread-safe.
class ProfileService {
 public:
  struct Parts {  // all must outlive the service
    UserStore& users;
    TwoFactorStore& two_factors;
    UsageStore& usage;
    EmailTokenStore& tokens;
    NotificationService& notifications;
    AuditService& audit;
    Outbox& outbox;
    Throttle& throttle;
    const Clock& clock;
  };

  explicit ProfileService(Parts parts) : parts_(parts) {}

  /// not_found "user_unknown".
  Task<Profile> find(std::string user_id);

  /// The same for a user who is at hand already.
  Task<Profile> complete(User user);

  /// validation with every wrong field named; conflict "email_taken", "username_taken". A changed address
  /// counts at once and is to be verified anew: links go to the new one and, to take it back, to the old one;
  /// links that were sent before are dead. too_many_requests after a few changes of address a day.
  Task<Profile> update(std::string user_id, ProfileChanges changes, Device device);

 private:
  Task<> follow_email(User before, User after, Device device);

  Parts parts_;
};

}  // namespace relay
