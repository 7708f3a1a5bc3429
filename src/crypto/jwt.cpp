#include "crypto/jwt.h"

#include "crypto/text_bytes.h"

#include <jwt.h>

#include <cstdlib>
#include <memory>

namespace relay {
namespace {

constexpr const char* kIssuer = "claude-relay";
constexpr const char* kAudience = "claude-relay-client";
constexpr std::size_t kTokenBytesMax = 2048;  // ours have about 300
// Nodes' clocks differ a little; a token from further in the future was not issued by us.
constexpr std::chrono::seconds kClockSkewMax{60};

using Token = std::unique_ptr<jwt_t, decltype(&jwt_free)>;

long seconds_of(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

WallTime wall_time(long seconds) { return WallTime(std::chrono::seconds(seconds)); }

Error invalid(const char* cause) {
  return Error(ErrorKind::token_invalid, "token_invalid", "Invalid token").because(cause);
}

std::string text_claim(jwt_t* token, const char* name) {
  const char* value = jwt_get_grant(token, name);
  return value != nullptr ? value : "";
}

}  // namespace

Result<std::string> AccessTokenSigner::sign(const AccessClaims& claims) const {
  jwt_t* raw = nullptr;
  int failed = jwt_new(&raw);
  const Token token(raw, jwt_free);
  if (failed == 0) {
    failed |= jwt_add_grant(raw, "iss", kIssuer);
    failed |= jwt_add_grant(raw, "aud", kAudience);
    failed |= jwt_add_grant(raw, "sub", claims.user_id.c_str());
    failed |= jwt_add_grant(raw, "sid", claims.session_id.c_str());
    failed |= jwt_add_grant(raw, "role", claims.role.c_str());
    failed |= jwt_add_grant_int(raw, "iat", seconds_of(claims.issued_at));
    failed |= jwt_add_grant_int(raw, "exp", seconds_of(claims.expires_at));
    failed |= jwt_set_alg(raw, JWT_ALG_HS256, bytes_of(secret_), static_cast<int>(secret_.size()));
  }
  char* encoded = failed == 0 ? jwt_encode_str(raw) : nullptr;
  if (encoded == nullptr) {
    return Error(ErrorKind::internal, "token_not_signed", "Internal error").because("libjwt");
  }
  std::string text(encoded);
  std::free(encoded);  // as jwt_encode_str asks for
  return text;
}

Result<AccessClaims> AccessTokenSigner::verify(std::string_view text, WallTime now) const {
  if (text.empty() || text.size() > kTokenBytesMax || text.find('\0') != std::string_view::npos) {
    return invalid("not of our size");
  }
  jwt_t* raw = nullptr;
  // With a key given, libjwt refuses `none` itself; which other algorithm it took is for us to see.
  const int failed =
      jwt_decode(&raw, std::string(text).c_str(), bytes_of(secret_), static_cast<int>(secret_.size()));
  const Token token(failed == 0 ? raw : nullptr, jwt_free);
  if (!token) return invalid("signature or form");
  if (jwt_get_alg(raw) != JWT_ALG_HS256) return invalid("another algorithm");
  if (text_claim(raw, "iss") != kIssuer) return invalid("another issuer");
  if (text_claim(raw, "aud") != kAudience) return invalid("another audience");

  AccessClaims claims{.user_id = text_claim(raw, "sub"),
                      .session_id = text_claim(raw, "sid"),
                      .role = text_claim(raw, "role"),
                      .issued_at = wall_time(jwt_get_grant_int(raw, "iat")),
                      .expires_at = wall_time(jwt_get_grant_int(raw, "exp"))};
  if (claims.user_id.empty() || claims.session_id.empty()) return invalid("no subject or session");
  if (claims.issued_at > now + kClockSkewMax) return invalid("issued in the future");
  if (claims.expires_at <= now) {
    return Error(ErrorKind::token_expired, "token_expired", "Token has expired");
  }
  return claims;
}

}  // namespace relay
