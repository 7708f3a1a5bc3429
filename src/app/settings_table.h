// The table behind settings.h: for each variable its default, its words, and where its value goes.
#pragma once

#include "app/settings.h"

#include <span>
#include <string>
#include <string_view>

namespace relay {

/// `take` puts the checked value into the settings, or returns what is wrong as words behind the name.
struct SettingRule {
  SettingLine line;
  std::string (*take)(Settings& settings, std::string_view text);
};

std::span<const SettingRule> setting_rules();

}  // namespace relay
