#pragma once

#include "base/clock.h"
#include "fetch/http_fetch.h"
#include "oauth/key_set.h"
#include "oauth/oauth_provider.h"

#include <memory>
#include <mutex>

namespace relay {

/// Any issuer of OpenID Connect, found by its discovery document (OpenID Connect Discovery 1.0): Google is
/// one. The document is kept for an hour.
class OpenIdProvider final : public OAuthProvider {
 public:
  struct Settings {
    std::string id;
    std::string name;
    std::string issuer;  // no slash at its end, whether the issuer's own name has one or not
    std::string client_id;
    std::string client_secret;  // empty: a public client, PKCE alone
  };

  /// Both must outlive it.
  OpenIdProvider(HttpFetch& http, const Clock& clock, Settings settings)
      : http_(http), clock_(clock), settings_(std::move(settings)), keys_(http, clock) {}

  const std::string& id() const override { return settings_.id; }
  const std::string& name() const override { return settings_.name; }
  Task<std::string> authorize_url(AuthorizeRequest request) override;

  /// From the ID token; an e-mail address that is not in it, from the user-info endpoint.
  Task<ForeignIdentity> identify(CodeGrant grant) override;

 private:
  struct Metadata {
    std::string issuer;
    std::string authorization_endpoint;
    std::string token_endpoint;
    std::string userinfo_endpoint;  // empty: none
    std::string jwks_uri;
    bool secret_in_form = false;  // client_secret_post, for want of client_secret_basic
    bool names_issuer = false;    // RFC 9207
    SteadyTime fetched_at;
  };
  using MetadataSnapshot = std::shared_ptr<const Metadata>;

  Task<MetadataSnapshot> metadata();
  Task<MetadataSnapshot> discover();
  Task<boost::json::object> exchange(MetadataSnapshot metadata, CodeGrant grant);
  Task<boost::json::object> add_user_info(MetadataSnapshot metadata, std::string access_token,
                                          boost::json::object claims);

  HttpFetch& http_;
  const Clock& clock_;
  Settings settings_;
  KeySet keys_;
  std::mutex mutex_;
  MetadataSnapshot metadata_;  // null until fetched
};

}  // namespace relay
