#include "service/notification_preferences.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace relay {
namespace {

namespace json = boost::json;

json::object read_settings_object(const std::string& settings) {
  boost::system::error_code ec;
  auto parsed = json::parse(settings, ec);
  if (ec || !parsed.is_object()) return {};
  return std::move(parsed.get_object());
}

bool flag_of(const json::object& channels, std::string_view name) {
  const auto* found = channels.if_contains(json::string_view(name.data(), name.size()));
  return found == nullptr || !found->is_bool() || found->get_bool();
}

}  // namespace

std::string_view preference_name(NotificationKind kind) {
  switch (kind) {
    case NotificationKind::key_created:
      return "keyCreated";
    case NotificationKind::key_expiring:
      return "keyExpiring";
    case NotificationKind::new_sign_in:
      return "newSignIn";
    case NotificationKind::password_changed:
      return "passwordChanged";
    case NotificationKind::email_changed:
      return "emailChanged";
    case NotificationKind::limit_near:
      return "limitNear";
  }
  return "limitNear";
}

NotificationPreferences read_preferences(const std::string& settings) {
  NotificationPreferences preferences;
  const auto object = read_settings_object(settings);
  const auto* kinds = object.if_contains("notifications");
  if (kinds == nullptr || !kinds->is_object()) return preferences;
  for (const auto kind : kNotificationKinds) {
    const auto name = preference_name(kind);
    const auto* channels = kinds->get_object().if_contains(json::string_view(name.data(), name.size()));
    if (channels == nullptr || !channels->is_object()) continue;
    preferences.set(kind, {.in_app = flag_of(channels->get_object(), "inApp"),
                           .email = flag_of(channels->get_object(), "email")});
  }
  return preferences;
}

std::string with_preferences(const std::string& settings, const NotificationPreferences& preferences) {
  auto object = read_settings_object(settings);
  json::object kinds;
  for (const auto kind : kNotificationKinds) {
    const auto channels = preferences.of(kind);
    const auto name = preference_name(kind);
    kinds[json::string_view(name.data(), name.size())] =
        json::object{{"inApp", channels.in_app}, {"email", channels.email}};
  }
  object["notifications"] = std::move(kinds);
  return json::serialize(object);
}

}  // namespace relay
