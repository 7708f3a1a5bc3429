#include "api/sign_in_object.h"

namespace relay {
namespace {

// Since when plain-text passwords are deprecated (RFC 9745: seconds of the epoch): 2026-01-01.
constexpr const char* kPlaintextDeprecatedSince = "@1767225600";

}  // namespace

Header plaintext_is_deprecated() { return {"Deprecation", kPlaintextDeprecatedSince}; }

TokensObject to_tokens_object(const IssuedTokens& tokens) {
  return {
      .token = tokens.access_token, .refresh_token = tokens.refresh_token, .expires_at = tokens.expires_at};
}

Task<SignedInReply> to_signed_in_reply(ProfileService& profiles, SignedInUser signed_in,
                                       std::string message) {
  CO_TRY(auto profile, co_await profiles.complete(std::move(signed_in.user)));
  SignedInObject object;
  static_cast<TokensObject&>(object) = to_tokens_object(signed_in.tokens);
  object.user = to_user_object(profile);
  SignedInReply reply{.data = object, .top = object, .message = std::move(message)};
  co_return reply;
}

Task<SignInReply> to_sign_in_reply(ProfileService& profiles, SignInOutcome outcome) {
  if (auto* challenge = std::get_if<TwoFactorChallenge>(&outcome)) {
    SecondFactorObject object;
    object.ticket = std::move(challenge->ticket);
    object.expires_at = challenge->expires_at;
    SignInReply reply{.data = object, .top = object, .message = "Two-factor code required"};
    co_return reply;
  }
  auto signed_in = std::get<SignedInUser>(std::move(outcome));
  CO_TRY(auto done, co_await to_signed_in_reply(profiles, std::move(signed_in), "Logged in successfully"));
  SignInReply reply{.data = done.data, .top = done.top, .message = std::move(done.message)};
  co_return reply;
}

}  // namespace relay
