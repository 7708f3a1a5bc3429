#pragma once

#include "api/route.h"

#include <vector>

namespace relay {

class EmailService;

/// auth/verify-email, resend-verification and restore-email of the client API. `emails` must outlive the
/// routes.
std::vector<Route> email_routes(EmailService& emails);

}  // namespace relay
