#pragma once

#include "api/route.h"

#include <vector>

namespace relay {

class AuthService;
class ProfileService;
class TwoFactorService;

/// auth/mfa/… of the client API. All must outlive the routes.
struct TwoFactorRouteParts {
  TwoFactorService& two_factors;
  AuthService& auth;
  ProfileService& profiles;
};
std::vector<Route> two_factor_routes(TwoFactorRouteParts parts);

}  // namespace relay
