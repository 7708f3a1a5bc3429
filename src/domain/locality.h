// Where and in which language people read: time zones and locales by their public names.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace relay {

/// A name of the IANA time zone database, as it is written there: "Europe/Berlin". validation on `timezone`.
Result<std::string> parse_time_zone(std::string_view text);

/// A language with, if given, script and region (RFC 5646): "en", "pt-BR", "zh-Hant-TW"; put into its usual
/// case. validation on `locale`.
Result<std::string> parse_locale(std::string_view text);

}  // namespace relay
