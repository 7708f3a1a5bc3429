#include "oauth/oauth_messages.h"

#include "oauth/oauth_provider.h"
#include "text/percent.h"

#include <boost/json/parse.hpp>

namespace relay {
namespace {

constexpr std::size_t kDepthMax = 16;

Task<boost::json::object> call(HttpFetch& http, FetchRequest request) {
  const auto what = request.url.substr(0, request.url.find('?'));
  auto answer = co_await http.fetch(std::move(request));
  if (answer.has_error()) co_return oauth_unavailable(answer.error());
  if (answer->status >= 500 || answer->status == 429) {
    const Error cause(ErrorKind::unavailable, "status", what + " answered " + std::to_string(answer->status));
    co_return oauth_unavailable(cause);
  }
  co_return read_json_answer(*answer, what);
}

}  // namespace

std::string to_form(const OAuthFields& fields) {
  std::string form;
  for (const auto& [name, value] : fields) {
    if (!form.empty()) form += '&';
    form.append(name).append("=").append(percent_encode(value));
  }
  return form;
}

std::string with_query(const std::string& url, const OAuthFields& fields) {
  return url + (url.find('?') == std::string::npos ? "?" : "&") + to_form(fields);
}

Result<boost::json::object> read_json_answer(const FetchedAnswer& answer, std::string_view what) {
  if (answer.status != 200) {
    return oauth_failed(std::string(what) + " answered " + std::to_string(answer.status));
  }
  boost::json::parse_options options;
  options.max_depth = kDepthMax;
  boost::system::error_code failure;
  auto value = boost::json::parse(answer.body, failure, {}, options);
  if (failure || !value.is_object()) return oauth_failed(std::string(what) + " answered no JSON object");
  return std::move(value.get_object());
}

std::string text_member(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains({name.data(), name.size()});
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

Task<boost::json::object> fetch_json(HttpFetch& http, std::string url, std::string bearer) {
  FetchRequest request{.url = std::move(url), .headers = {{"Accept", "application/json"}}};
  if (!bearer.empty()) request.headers.push_back({"Authorization", "Bearer " + bearer});
  return call(http, std::move(request));
}

Task<boost::json::object> post_form(HttpFetch& http, std::string url, std::string form,
                                    std::string authorization) {
  FetchRequest request{.method = "POST",
                       .url = std::move(url),
                       .headers = {{"Accept", "application/json"}},
                       .body = std::move(form)};
  if (!authorization.empty()) request.headers.push_back({"Authorization", std::move(authorization)});
  return call(http, std::move(request));
}

}  // namespace relay
