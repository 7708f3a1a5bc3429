// Identifiers: a prefix that says what it is, and a ULID.
#pragma once

#include "base/clock.h"
#include "base/random.h"

#include <string>
#include <string_view>

namespace relay {

/// `prefix` ("usr_", "key_", "ses_", "req_", "att_") + a ULID: 48 bits of time, 80 of randomness,
/// Crockford base32 (26 characters). Sorts by time, and within a millisecond in the order in which one thread
/// made them (https://github.com/ulid/spec, monotonicity), so that lists keep the order of what happened.
/// Thread-safe.
std::string make_identifier(std::string_view prefix, WallTime now, Random& random);

}  // namespace relay
