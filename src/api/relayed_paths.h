// The relay's own paths, as the OpenAPI document needs to know them. The table routes none of them.
#pragma once

#include "api/openapi_schemas.h"

#include <boost/json/object.hpp>

#include <string>
#include <vector>

namespace relay {

/// One relayed call with all its paths. What it does is known by method and path ("POST /v1/messages"), which
/// is also how the document lists it; `{id}` stands for one segment.
struct RelayedCall {
  std::string method;
  std::string path;
  std::vector<std::string> aliases{};
  ErrorShape shape = ErrorShape::anthropic;
};

/// The call's operation object. Throws std::logic_error for a call that nobody has described yet.
boost::json::object relayed_operation(const RelayedCall& call, OpenApiComponents& components);

}  // namespace relay
