// Sites elsewhere that say who somebody is (OAuth 2.0, RFC 6749; with PKCE, RFC 7636).
#pragma once

#include "async/task.h"

#include <optional>
#include <string>

namespace relay {

/// What a browser takes to the provider.
struct AuthorizeRequest {
  std::string redirect_uri;
  std::string state;
  std::string nonce;
  std::string code_challenge;  // S256
};

/// What it came back with, and what belongs to it.
struct CodeGrant {
  std::string code;
  std::string redirect_uri;
  std::string code_verifier;
  std::string nonce;
  std::optional<std::string> issuer{};  // RFC 9207: who says to have sent it
};

struct ForeignIdentity {
  std::string issuer;   // whose word `subject` is
  std::string subject;  // never reassigned
  std::string email{};  // as sent; empty: none
  bool email_verified = false;
  std::string username{};  // a wish
  std::string display_name{};
};

/// Thread-safe. All calls: unavailable, with Retry-After, when the provider does not answer; unauthorized
/// "oauth_failed" for an answer that cannot be trusted, with the reason for the log.
class OAuthProvider {
 public:
  virtual ~OAuthProvider() = default;

  virtual const std::string& id() const = 0;    // in paths: "github"
  virtual const std::string& name() const = 0;  // for people: "GitHub"

  /// Where to send the browser.
  virtual Task<std::string> authorize_url(AuthorizeRequest request) = 0;

  /// Exchanges the code, and believes only what the provider itself vouches for.
  virtual Task<ForeignIdentity> identify(CodeGrant grant) = 0;
};

/// unauthorized "oauth_failed".
Error oauth_failed(std::string cause);

/// unavailable "oauth_unavailable".
Error oauth_unavailable(const Error& cause);

}  // namespace relay
