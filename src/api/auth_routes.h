#pragma once

#include "api/route.h"

#include <vector>

namespace relay {

class AuthService;
class ProfileService;
class SessionService;

/// auth/… of the client API. All must outlive the routes.
struct AuthRouteParts {
  AuthService& auth;
  SessionService& sessions;
  ProfileService& profiles;
};
std::vector<Route> auth_routes(AuthRouteParts parts);

}  // namespace relay
