// Access tokens: JWT (RFC 7519), HS256 and nothing else (RFC 8725 3.1), through libjwt.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace relay {

/// What an access token says. `iss` and `aud` are fixed words of ours.
struct AccessClaims {
  std::string user_id;     // sub
  std::string session_id;  // sid
  std::string role;
  WallTime issued_at;   // whole seconds on the wire
  WallTime expires_at;  // whole seconds on the wire
};

/// Immutable, thread-safe.
class AccessTokenSigner {
 public:
  /// `secret` is CLIENT_JWT_SECRET; Settings checks its strength (32 bytes or more, RFC 7518 3.2).
  explicit AccessTokenSigner(std::string secret) : secret_(std::move(secret)) {}

  /// internal when libjwt fails.
  Result<std::string> sign(const AccessClaims& claims) const;

  /// token_expired "token_expired" ("Token has expired") when all is right but the time;
  /// token_invalid "token_invalid" ("Invalid token") for everything else: another signature or algorithm,
  /// `none`, a missing claim, other issuer or audience, issued in the future. Microseconds.
  Result<AccessClaims> verify(std::string_view token, WallTime now) const;

 private:
  std::string secret_;
};

}  // namespace relay
