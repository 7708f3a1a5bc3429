#pragma once

#include "api/route.h"

#include <vector>

namespace relay {

class ProfileService;

/// users/… of the client API. `profiles` must outlive the routes.
std::vector<Route> user_routes(ProfileService& profiles);

}  // namespace relay
