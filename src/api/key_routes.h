#pragma once

#include "api/route.h"

#include <vector>

namespace relay {

class KeyService;

/// keys/… of the client API. Both must outlive the routes.
std::vector<Route> key_routes(KeyService& keys, const Clock& clock);

}  // namespace relay
