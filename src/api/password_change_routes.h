#pragma once

#include "api/route.h"

#include <vector>

namespace relay {

class PasswordChangeService;

/// auth/forgot-password, reset-password and change-password of the client API. It must outlive the routes.
std::vector<Route> password_change_routes(PasswordChangeService& passwords);

}  // namespace relay
