#pragma once

#include "api/route.h"

#include <functional>
#include <string>
#include <vector>

namespace relay {

/// One thing that must be there before calls are taken.
struct ReadinessCheck {
  std::string name;  // "store", "journal", "upstreams"
  bool ready = false;
  std::string detail;  // for people; no secret
};

struct ServiceRouteParts {
  std::string version;
  /// Called for each GET /ready; bounds its own time.
  std::function<Awaitable<std::vector<ReadinessCheck>>()> check_readiness;
};

/// GET /, GET /health, GET /ready and POST /api/event_logging/batch, at the root.
std::vector<Route> service_routes(ServiceRouteParts parts);

}  // namespace relay
