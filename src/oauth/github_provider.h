#pragma once

#include "fetch/http_fetch.h"
#include "oauth/oauth_provider.h"

namespace relay {

/// GitHub, or a GitHub Enterprise Server. Not OpenID Connect: who it is comes from its API, over TLS.
class GitHubProvider final : public OAuthProvider {
 public:
  struct Settings {
    std::string client_id;
    std::string client_secret;
    std::string url = "https://github.com";
    std::string api_url = "https://api.github.com";  // of GitHub Enterprise: https://HOST/api/v3
  };

  /// `http` must outlive it.
  GitHubProvider(HttpFetch& http, Settings settings) : http_(http), settings_(std::move(settings)) {}

  const std::string& id() const override { return id_; }
  const std::string& name() const override { return name_; }
  Task<std::string> authorize_url(AuthorizeRequest request) override;

  /// The e-mail address is the primary one when GitHub has verified it, and none otherwise.
  Task<ForeignIdentity> identify(CodeGrant grant) override;

 private:
  Task<std::string> exchange(CodeGrant grant);
  Task<std::string> verified_email(std::string access_token);

  const std::string id_ = "github";
  const std::string name_ = "GitHub";
  HttpFetch& http_;
  Settings settings_;
};

}  // namespace relay
