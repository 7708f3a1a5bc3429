#include "api/route.h"

#include <boost/json/serialize.hpp>

namespace relay {

HttpAnswer envelope(int status, boost::json::value data, const boost::json::object& top,
                    const std::string& message, std::vector<Header> headers) {
  boost::json::object body{{"success", status < 400}};
  for (const auto& [name, value] : top) body[name] = value;
  body["data"] = std::move(data);
  if (!message.empty()) body["message"] = message;
  HttpAnswer answer{.status = status, .headers = std::move(headers), .body = boost::json::serialize(body)};
  answer.headers.push_back({"Content-Type", "application/json"});
  return answer;
}

namespace route_detail {

bool reads_query(std::string_view method) { return method == "GET"; }

Task<HttpAnswer> fail(Error error) { co_return error; }

}  // namespace route_detail
}  // namespace relay
