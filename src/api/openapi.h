// The OpenAPI 3.1 document, made from the route table.
#pragma once

#include "api/relayed_paths.h"
#include "api/route.h"

#include <boost/json/object.hpp>

#include <string>
#include <vector>

namespace relay {

/// Throws std::logic_error when the table can't be described: two structs or two operations of one name.
boost::json::object openapi_document(const std::vector<Route>& routes,
                                     const std::vector<RelayedCall>& relayed, const std::string& version);

}  // namespace relay
