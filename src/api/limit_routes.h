#pragma once

#include "api/route.h"

#include <vector>

namespace relay {

class LimitService;

/// How limits and budgets of one's keys and account stand. Must outlive the routes.
std::vector<Route> limit_routes(LimitService& limits);

}  // namespace relay
