// Moments as people write them: RFC 3339, always UTC on the way out.
#pragma once

#include "base/clock.h"

#include <optional>
#include <string>
#include <string_view>

namespace relay {

/// "2026-01-01T00:00:00.000Z".
std::string to_rfc3339(WallTime time);

/// Any offset, any number of decimals (those past the millisecond are dropped). Nothing for anything else,
/// for a day that is not in the calendar, and for years before 1970 or after 9999. A leap second counts as
/// the second after it.
std::optional<WallTime> parse_rfc3339(std::string_view text);

/// "2026-01-01", the day in UTC.
std::string to_date(WallTime time);

/// The start of a day that to_date wrote.
std::optional<WallTime> parse_date(std::string_view text);

}  // namespace relay
