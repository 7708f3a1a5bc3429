// The sign-in providers that the settings name.
#pragma once

#include "app/settings.h"
#include "base/clock.h"
#include "fetch/http_fetch.h"
#include "oauth/oauth_provider.h"

#include <memory>
#include <vector>

namespace relay {

class OAuthProviders {
 public:
  /// `http` and `clock` must outlive it.
  OAuthProviders(HttpFetch& http, const Clock& clock, const Settings& settings);

  std::vector<OAuthProvider*> all() const;

 private:
  std::vector<std::unique_ptr<OAuthProvider>> providers_;
};

}  // namespace relay
