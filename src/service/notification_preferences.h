// What a person wants to be told of, as it stands in the user's settings.
#pragma once

#include "domain/notification.h"

#include <string>
#include <string_view>

namespace relay {

/// "keyCreated": the name in settings and in the API.
std::string_view preference_name(NotificationKind kind);

/// From the settings of a user, a JSON object as text. What is not there, or broken, is on.
NotificationPreferences read_preferences(const std::string& settings);

/// The settings with these preferences; everything else in them stays.
std::string with_preferences(const std::string& settings, const NotificationPreferences& preferences);

}  // namespace relay
