#include "app/oauth_providers.h"

#include "oauth/github_provider.h"
#include "oauth/openid_provider.h"

namespace relay {

OAuthProviders::OAuthProviders(HttpFetch& http, const Clock& clock, const Settings& settings) {
  if (!settings.github_client_id.empty()) {
    GitHubProvider::Settings github{.client_id = settings.github_client_id,
                                    .client_secret = settings.github_client_secret,
                                    .url = settings.github_url,
                                    .api_url = settings.github_api_url};
    providers_.push_back(std::make_unique<GitHubProvider>(http, std::move(github)));
  }
  const auto add_issuer = [&](OpenIdProvider::Settings issuer) {
    if (!issuer.client_id.empty())
      providers_.push_back(std::make_unique<OpenIdProvider>(http, clock, std::move(issuer)));
  };
  add_issuer({.id = "google",
              .name = "Google",
              .issuer = "https://accounts.google.com",
              .client_id = settings.google_client_id,
              .client_secret = settings.google_client_secret});
  add_issuer({.id = "oidc",
              .name = settings.oidc_name,
              .issuer = settings.oidc_issuer,
              .client_id = settings.oidc_client_id,
              .client_secret = settings.oidc_client_secret});
}

std::vector<OAuthProvider*> OAuthProviders::all() const {
  std::vector<OAuthProvider*> pointers;
  for (const auto& provider : providers_) pointers.push_back(provider.get());
  return pointers;
}

}  // namespace relay
