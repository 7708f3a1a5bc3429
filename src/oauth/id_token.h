// What an ID token says (OpenID Connect Core 1.0), once its signature was found right.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace relay {

/// What this sign-in expects.
struct IdTokenRules {
  std::string issuer;
  std::string client_id;
  std::string nonce;
  WallTime now;
};

/// The claims of the payload, after OpenID Connect Core 3.1.3.7: iss, aud and azp, exp, iat, nonce, sub.
/// unauthorized "oauth_failed" with the claim that is wrong as its cause. Clocks may differ by a minute.
Result<boost::json::object> check_id_token(std::string_view payload, const IdTokenRules& rules);

}  // namespace relay
