// Moments as HTTP writes them (RFC 9110 5.6.7).
#pragma once

#include "base/clock.h"

#include <optional>
#include <string_view>

namespace relay {

/// "Sun, 06 Nov 1994 08:49:37 GMT", and the two obsolete forms that a recipient must take: "Sunday, 06-Nov-94
/// 08:49:37 GMT" (years from 70 on are of the last century) and "Sun Nov  6 08:49:37 1994". Nothing for
/// anything else, for a day that is not in the calendar, and for years before 1970. The day's name is not
/// compared with the date. A leap second counts as the second after it.
std::optional<WallTime> parse_http_date(std::string_view text);

}  // namespace relay
