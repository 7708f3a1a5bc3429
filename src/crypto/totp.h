// Codes of authenticator apps: TOTP (RFC 6238) with SHA-1, six digits, steps of 30 seconds, which is what
// every app takes.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace relay {

inline constexpr std::chrono::seconds kTotpStep{30};

/// 20 bytes, as RFC 4226 4 (R6) recommends: raw, to be sealed before they are kept.
std::string make_totp_secret(Random& random);

/// The time step that a moment lies in.
std::int64_t totp_step_of(WallTime time);

/// The six digits of one step. internal when OpenSSL fails.
Result<std::string> totp_code(std::string_view secret, std::int64_t step);

/// The step that `code` belongs to: the present one, the one before or the one after (RFC 6238 5.2: clocks
/// differ). Nothing for any other text. Takes the same time whichever it is. A step must be accepted once
/// only: keep it, and ask the next time for a greater one.
std::optional<std::int64_t> match_totp(std::string_view secret, std::string_view code, WallTime now);

/// What a QR code holds: otpauth://totp/<issuer>:<account>?secret=…, with the secret in it.
std::string otpauth_uri(std::string_view secret, std::string_view issuer, std::string_view account);

}  // namespace relay
