#pragma once

#include "api/route.h"

#include <vector>

namespace relay {

class OAuthService;
class ProfileService;

/// auth/oauth/… and auth/identities of the client API. Both must outlive the routes.
std::vector<Route> oauth_routes(OAuthService& oauth, ProfileService& profiles);

}  // namespace relay
