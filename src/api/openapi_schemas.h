// The components of the OpenAPI document: structs by their names, errors, answers that many operations share.
#pragma once

#include "api/route.h"
#include "http/error_answer.h"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace relay {

class OpenApiComponents {
 public:
  OpenApiComponents();

  /// `schema` with a reference in place of every struct in it, whose definitions are kept, and with the notes
  /// on every field. Throws std::logic_error when two different structs have one name.
  boost::json::object take(boost::json::object schema);

  /// The properties of a struct, without making it a component: what stands beside "data", and queries.
  boost::json::object take_properties(std::string_view owner, boost::json::object schema);

  /// What the client API answers with at `status` for these errors, which are of that status: a response.
  boost::json::object error_response(int status, const Errors& errors);

  /// A response in the words of a dialect, for an error of the relay itself.
  boost::json::object relay_error_response(std::string_view description, ErrorShape shape, bool either_shape);

  /// {"$ref": …} of a header that is described once: "Retry-After", "x-request-id", …
  static boost::json::object header(std::string_view name);

  /// All that was taken, and what is always there.
  boost::json::object all() &&;

 private:
  boost::json::object field(std::string_view owner, std::string_view name, boost::json::object schema);

  boost::json::object schemas_;
  boost::json::object responses_;
};

namespace openapi {

boost::json::object reference(std::string_view kind, std::string_view name);
boost::json::object json_content(boost::json::object schema);
boost::json::object text_schema();
boost::json::value text_value(std::string_view text);
boost::json::object header_references(std::initializer_list<std::string_view> names);

}  // namespace openapi
}  // namespace relay
