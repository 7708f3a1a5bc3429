#include "domain/notification.h"

namespace relay {

std::string_view to_string(NotificationKind kind) {
  switch (kind) {
    case NotificationKind::key_created:
      return "key_created";
    case NotificationKind::key_expiring:
      return "key_expiring";
    case NotificationKind::new_sign_in:
      return "new_sign_in";
    case NotificationKind::password_changed:
      return "password_changed";
    case NotificationKind::email_changed:
      return "email_changed";
    case NotificationKind::limit_near:
      return "limit_near";
  }
  return "limit_near";
}

bool is_security(NotificationKind kind) {
  return kind == NotificationKind::password_changed || kind == NotificationKind::email_changed;
}

}  // namespace relay
