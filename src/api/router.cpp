#include "api/router.h"

#include "api/caller.h"
#include "api/route_errors.h"
#include "http/error_answer.h"
#include "observe/log.h"

#include <algorithm>

namespace relay {
namespace {

constexpr std::string_view kBases[] = {"/api/client", "/client"};

Error nothing_here() { return Error(ErrorKind::not_found, "route_unknown", "There is nothing here"); }

std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const auto end = path.find('/');
  const auto segment = path.substr(0, end);
  path.remove_prefix(end == std::string_view::npos ? path.size() : end);
  return segment;
}

// "/keys/{id}" against "/keys/key_1": the parameters' texts, still percent-encoded, or nothing.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
  std::vector<std::string> values;
  while (pattern.starts_with('/') && path.starts_with('/')) {
    const auto expected = take_segment(pattern);
    const auto given = take_segment(path);
    if (expected.starts_with('{')) {
      if (given.empty()) return std::nullopt;
      values.emplace_back(given);
    } else if (expected != given) {
      return std::nullopt;
    }
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return values;
}

std::optional<std::vector<std::string>> match_below_base(const RouteSpec& spec, std::string_view path) {
  if (spec.base == Base::root) return match(spec.path, path);
  for (const auto base : kBases) {
    if (!path.starts_with(base)) continue;
    if (auto values = match(spec.path, path.substr(base.size()))) return values;
  }
  return std::nullopt;
}

// Decoded in place. validation with every wrong one named.
Result<> read_path_values(std::string_view pattern, std::vector<std::string>& values) {
  json_binding::Problems problems;
  for (auto& value : values) {
    pattern.remove_prefix(pattern.find('{') + 1);
    const std::string name(pattern.substr(0, pattern.find('}')));
    auto decoded = percent_decode(value);
    if (!decoded) {
      problems.add(name, "must be percent-encoded text");
    } else if (json_binding::check_text(*decoded, name, 1, kPathValueCharactersMax, problems)) {
      value = *std::move(decoded);
    }
  }
  if (!problems.none()) return std::move(problems).take();
  return ok;
}

bool is_json(std::string_view content_type) {
  const auto media_type = content_type.substr(0, content_type.find(';'));
  const auto end = media_type.find_last_not_of(" \t");
  return end != std::string_view::npos && same_header_name(media_type.substr(0, end + 1), "application/json");
}

Call make_call(const HttpRequest& request, std::vector<std::string> path_values) {
  return {.device = {.address = request.client_address,
                     .user_agent = std::string(request.header("user-agent")),
                     .is_tls = request.is_tls,
                     .is_loopback_peer = request.is_loopback_peer,
                     .request_id = request.request_id},
          .request_id = request.request_id,
          .cookies = std::string(request.header("cookie")),
          .path_values = std::move(path_values)};
}

// With what the client is not told. Our own faults are errors, other people's mistakes are not.
void log_refusal(const HttpRequest& request, const Error& error, int status) {
  const RequestLog log("api", request.request_id);
  const LogFields fields{{"method", request.method}, {"path", request.path},
                         {"status", status},         {"code", error.code()},
                         {"cause", error.cause()},   {"client_address", request.client_address}};
  if (status >= 500) {
    log.error("call failed", fields);
  } else {
    log.info("call refused", fields);
  }
}

// The document would be wrong about this route. The tests look for these words.
void warn_unstated(const Route& route, const Error& error) {
  log_warning("api", "an error that the document does not state",
              {{"operation", route.spec.operation},
               {"error", kind_name(error.kind(), ErrorShape::client_api)},
               {"code", error.code()}});
}

// RFC 9110 13.1.2: who has this very answer already gets none. "W/" is of no weight in this comparison.
void answer_not_modified(const HttpRequest& request, HttpAnswer& answer) {
  const auto tag = find_header(answer.headers, "ETag");
  const auto known = request.header("if-none-match");
  if (answer.status != 200 || tag.empty() || known.empty()) return;
  if (known != "*" && known.find(tag) == std::string_view::npos) return;
  answer.status = 304;
  answer.body.clear();
}

void add_unless_there(HttpAnswer& answer, std::string_view name, std::string value) {
  if (find_header(answer.headers, name).empty())
    answer.headers.push_back({std::string(name), std::move(value)});
}

}  // namespace

Router::Router(std::vector<Route> routes, SessionService& sessions, Settings settings)
    : routes_(std::move(routes)), sessions_(sessions), settings_(std::move(settings)) {}

std::vector<Router::Match> Router::matches(std::string_view path) const {
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  std::vector<Match> found;
  for (const auto& route : routes_) {
    if (auto values = match_below_base(route.spec, path)) found.push_back({&route, *std::move(values)});
  }
  return found;
}

bool Router::knows(std::string_view path) const { return !matches(path).empty(); }

Result<> Router::check_body(const Route& route, const HttpRequest& request) const {
  if (route.takes_any_body || request.body.empty()) return ok;
  if (request.body.size() > settings_.body_bytes_max) {
    return Error(ErrorKind::payload_too_large, "body_too_large", "The body is too large");
  }
  const auto type = request.header("content-type");
  const auto coding = request.header("content-encoding");
  if ((!type.empty() && !is_json(type)) || (!coding.empty() && coding != "identity")) {
    return Error(ErrorKind::unsupported_media_type, "unsupported_media_type",
                 "The body must be JSON: Content-Type: application/json, without Content-Encoding");
  }
  return ok;
}

Task<HttpAnswer> Router::dispatch(const HttpRequest& request, const Route*& matched) const {
  auto found = matches(request.path);
  if (found.empty()) co_return nothing_here();
  const auto method = request.method == "HEAD" ? std::string_view("GET") : std::string_view(request.method);
  const auto takes = [&](const Match& match) { return match.route->spec.method == method; };
  const auto chosen = std::ranges::find_if(found, takes);
  if (chosen == found.end()) {
    std::string allow;
    for (const auto& match : found) allow += std::string(match.route->spec.method) + ", ";
    if (allow.find("GET") != std::string::npos) allow += "HEAD, ";
    co_return method_not_allowed_answer(allow + "OPTIONS", ErrorShape::client_api, request.request_id);
  }
  const Route& route = *chosen->route;
  matched = &route;
  CO_CHECK(check_body(route, request));
  auto nobody = make_call(request, std::move(chosen->path_values));
  auto authorization = std::string(request.header("authorization"));
  CO_TRY(auto call,
         co_await identify(route.spec.access, std::move(authorization), std::move(nobody), sessions_));
  CO_CHECK(read_path_values(route.spec.path, call.path_values));
  RouteInput input{.query = request.query, .body = request.body};
  co_return co_await route.call(std::move(call), std::move(input));
}

Awaitable<HttpAnswer> Router::respond(HttpRequest request) const {
  HttpAnswer answer;
  if (request.method == "OPTIONS") {
    answer = preflight(request);
  } else {
    const Route* matched = nullptr;
    auto outcome = co_await dispatch(request, matched);
    if (outcome.has_error()) {
      if (matched != nullptr && !states(*matched, outcome.error())) warn_unstated(*matched, outcome.error());
      co_return refuse(request, outcome.error());
    }
    answer = *std::move(outcome);
    answer_not_modified(request, answer);
  }
  add_headers(request, answer);
  co_return answer;
}

HttpAnswer Router::refuse(const HttpRequest& request, const Error& error) const {
  auto answer = error_answer(error, ErrorShape::client_api, request.request_id);
  log_refusal(request, error, answer.status);
  add_headers(request, answer);
  return answer;
}

bool Router::is_allowed_origin(std::string_view origin) const {
  const auto matches_origin = [origin](const std::string& allowed) {
    return allowed == "*" || allowed == origin;
  };
  return !origin.empty() && std::ranges::any_of(settings_.allowed_origins, matches_origin);
}

HttpAnswer Router::preflight(const HttpRequest& request) const {
  const auto found = matches(request.path);
  if (found.empty()) return error_answer(nothing_here(), ErrorShape::client_api, request.request_id);
  std::string methods;
  for (const auto& match : found) methods += std::string(match.route->spec.method) + ", ";
  methods += "OPTIONS";
  HttpAnswer answer{.status = 204, .headers = {{"Allow", methods}}, .body = ""};
  if (is_allowed_origin(request.header("origin"))) {
    answer.headers.push_back({"Access-Control-Allow-Methods", methods});
    answer.headers.push_back({"Access-Control-Allow-Headers", "Authorization, Content-Type"});
    answer.headers.push_back({"Access-Control-Max-Age", "600"});
  }
  return answer;
}

void Router::add_headers(const HttpRequest& request, HttpAnswer& answer) const {
  add_unless_there(answer, "x-request-id", request.request_id);
  add_unless_there(answer, "Cache-Control", "no-store");
  add_unless_there(answer, "X-Content-Type-Options", "nosniff");
  add_unless_there(answer, "X-Frame-Options", "DENY");
  add_unless_there(answer, "Referrer-Policy", "no-referrer");
  add_unless_there(answer, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  if (request.is_tls) add_unless_there(answer, "Strict-Transport-Security", "max-age=31536000");
  if (settings_.allowed_origins.empty()) return;
  const bool asks_ahead = request.method == "OPTIONS";
  answer.headers.push_back(
      {"Vary",
       asks_ahead ? "Origin, Access-Control-Request-Method, Access-Control-Request-Headers" : "Origin"});
  if (!is_allowed_origin(request.header("origin"))) return;
  answer.headers.push_back({"Access-Control-Allow-Origin", std::string(request.header("origin"))});
  answer.headers.push_back({"Access-Control-Expose-Headers", "Retry-After, X-Request-Id, Deprecation"});
}

}  // namespace relay
