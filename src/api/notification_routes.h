#pragma once

#include "api/route.h"

#include <vector>

namespace relay {

class NotificationService;

/// users/notifications and users/preferences of the client API. `notifications` must outlive the routes.
std::vector<Route> notification_routes(NotificationService& notifications);

}  // namespace relay
