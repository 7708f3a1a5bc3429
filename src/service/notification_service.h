// Tells people what happened to their account: in the dashboard, by e-mail, or both, as they wish.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "delivery/outbox.h"
#include "domain/notification.h"
#include "service/audit_service.h"
#include "service/device.h"
#include "service/notice.h"
#include "store/known_device_store.h"
#include "store/notification_store.h"
#include "store/user_store.h"

#include <map>
#include <optional>
#include <string>

namespace relay {

/// The switches that are set are changed, the others stay.
struct PreferenceChange {
  std::optional<bool> in_app{};
  std::optional<bool> email{};
};
using PreferenceChanges = std::map<NotificationKind, PreferenceChange>;

/// All calls: unavailable when the store is away. Thread-safe.
class NotificationService {
 public:
  struct Parts {  // all must outlive the service
    UserStore& users;
    NotificationStore& notifications;
    KnownDeviceStore& devices;
    Outbox& outbox;
    AuditService& audit;
    const Clock& clock;
    Random& random;
  };

  explicit NotificationService(Parts parts) : parts_(parts) {}

  /// Newest first. validation on `cursor`.
  Task<Page<Notification>> list(std::string user_id, bool unread_only, PageRequest page);
  /// not_found for somebody else's.
  Task<> mark_read(std::string user_id, std::string notification_id);

  Task<NotificationPreferences> preferences(std::string user_id);
  /// validation for switching off what protects the account.
  Task<NotificationPreferences> change_preferences(Actor owner, PreferenceChanges changes);

  /// By the ways that the user wishes; by e-mail to a verified address only, but for what protects the
  /// account. Passes when the user was told of the notice's subject before. The act that it tells of has
  /// happened: a failure is logged here, callers may pass over it.
  Task<> tell(User user, Notice notice);
  Task<> tell(std::string user_id, Notice notice);

  /// After each sign-in: remembers the device, and tells when others were known but not this one.
  Task<> note_sign_in(User user, Device device);

 private:
  Task<> deliver(User user, Notice notice);
  Task<> look_at_device(User user, Device device);

  Parts parts_;
};

}  // namespace relay
