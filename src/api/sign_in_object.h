// What a sign-in answers, whichever way it came: tokens, or the question for the second factor.
#pragma once

#include "api/route.h"
#include "api/user_object.h"
#include "service/auth_service.h"

#include <string>
#include <variant>
#include <vector>

namespace relay {

struct TokensObject {
  std::string token;
  std::string refresh_token;
  WallTime expires_at;
};
BOOST_DESCRIBE_STRUCT(TokensObject, (), (token, refresh_token, expires_at))

struct SignedInObject : TokensObject {
  UserObject user;
};
BOOST_DESCRIBE_STRUCT(SignedInObject, (TokensObject), (user))

struct SecondFactorObject {
  std::string code = "mfa_required";
  bool mfa_required = true;
  std::string ticket;
  WallTime expires_at;
  std::vector<std::string> methods{"totp", "recovery_code"};
};
BOOST_DESCRIBE_STRUCT(SecondFactorObject, (), (code, mfa_required, ticket, expires_at, methods))

using SignInObject = std::variant<SignedInObject, SecondFactorObject>;
using SignedInReply = Reply<SignedInObject, SignedInObject>;
using SignInReply = Reply<SignInObject, SignInObject>;

TokensObject to_tokens_object(const IssuedTokens& tokens);

Task<SignedInReply> to_signed_in_reply(ProfileService& profiles, SignedInUser signed_in, std::string message);

/// The same fields beside "data" as in it.
Task<SignInReply> to_sign_in_reply(ProfileService& profiles, SignInOutcome outcome);

/// For answers to a password in plain text.
Header plaintext_is_deprecated();

}  // namespace relay
