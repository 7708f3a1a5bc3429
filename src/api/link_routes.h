#pragma once

#include "api/route.h"

#include <vector>

namespace relay {

/// GET /verify-email, /reset-password and /restore-email at the root: the pages that links in mails lead to.
/// They are for people: not in the OpenAPI document.
std::vector<Route> link_routes();

}  // namespace relay
