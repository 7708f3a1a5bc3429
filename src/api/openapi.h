// The OpenAPI 3.1 document and a readable page of it, made from the route table.
#pragma once

#include "api/route.h"

#include <boost/json/object.hpp>

#include <string>
#include <vector>

namespace relay {

boost::json::object openapi_document(const std::vector<Route>& routes, const std::string& version);

/// HTML without a script and without anything from elsewhere.
std::string documentation_page(const boost::json::object& document);

/// `routes` and, behind them, GET /openapi.json and GET /docs that describe them.
std::vector<Route> with_documentation(std::vector<Route> routes, const std::string& version);

}  // namespace relay
