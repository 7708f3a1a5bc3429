#pragma once

#include "api/route.h"

#include <vector>

namespace relay {

class SessionService;

/// auth/sessions of the client API. `sessions` must outlive the routes.
std::vector<Route> session_routes(SessionService& sessions);

}  // namespace relay
