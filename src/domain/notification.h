// Something a person is told: in the dashboard, by e-mail, or both, as they wish.
#pragma once

#include "base/clock.h"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace relay {

enum class NotificationKind {
  key_created,
  key_expiring,
  new_sign_in,
  password_changed,
  email_changed,
  limit_near
};
inline constexpr std::array kNotificationKinds{
    NotificationKind::key_created,      NotificationKind::key_expiring,  NotificationKind::new_sign_in,
    NotificationKind::password_changed, NotificationKind::email_changed, NotificationKind::limit_near};

/// "key_created".
std::string_view to_string(NotificationKind kind);

/// What somebody who took the account over would switch off first: these always come, on both ways.
bool is_security(NotificationKind kind);

/// Where a kind of notification goes.
struct NotificationChannels {
  bool in_app = true;
  bool email = true;
  friend bool operator==(const NotificationChannels&, const NotificationChannels&) = default;
};

class NotificationPreferences {
 public:
  NotificationChannels of(NotificationKind kind) const {
    return is_security(kind) ? NotificationChannels{} : channels_[static_cast<std::size_t>(kind)];
  }
  void set(NotificationKind kind, NotificationChannels channels) {
    channels_[static_cast<std::size_t>(kind)] = channels;
  }

 private:
  std::array<NotificationChannels, kNotificationKinds.size()> channels_{};
};

struct Notification {
  std::string id{};  // "ntf_…"
  std::string user_id{};
  std::string kind{};  // a NotificationKind's word
  std::string title{};
  std::string body{};
  std::string data = "{}";  // a JSON object as text
  /// What it is about, so that nobody is told twice: "key_1 expires 2026-01-01". Not set: no such rule.
  std::optional<std::string> subject{};
  bool in_app = true;  // else it only keeps that the person was told by mail
  WallTime created_at{};
  std::optional<WallTime> read_at{};
};

}  // namespace relay
