// Signatures of other people's tokens: JWS in its compact form (RFC 7515) against a JWK (RFC 7517), through
// libjose. For our own tokens there is crypto/jwt.h.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace relay {

inline constexpr std::size_t kJwsBytesMax = 16 * 1024;

struct JwsHeader {
  std::string algorithm;  // as the token says: check it before it is believed
  std::string key_id;     // empty: none is named
};

/// unauthorized "token_malformed" for anything but three parts of base64url, an object in front, and no
/// critical extension (RFC 7515 4.1.11): we know none.
Result<JwsHeader> read_jws_header(std::string_view token);

/// The payload, when `token` is signed with RS256, PS256 or ES256 by the key `jwk` (JSON text). unauthorized
/// "signature_invalid" for another algorithm, a key of another kind or use, an RSA key of less than 2048 or
/// more than 8192 bits, and a signature that is wrong. Blocks for less than a millisecond.
Result<std::string> verify_jws(std::string_view token, std::string_view jwk);

}  // namespace relay
