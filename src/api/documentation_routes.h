// The API's description of itself: GET /openapi.json for programs, GET /docs for people.
#pragma once

#include "api/openapi.h"

#include <string>
#include <vector>

namespace relay {

/// `routes` and, behind them, the routes that describe them, themselves included. The page's script and style
/// are files of their own, so that its policy allows nothing inline and nothing from elsewhere. Throws as
/// openapi_document does.
std::vector<Route> with_documentation(std::vector<Route> routes, const std::vector<RelayedCall>& relayed,
                                      const std::string& version);

}  // namespace relay
