#include "api/openapi.h"

#include "crypto/sha256.h"
#include "http/error_answer.h"
#include "text/base64.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <memory>

namespace relay {
namespace {

namespace json = boost::json;

json::object ref(const char* name) { return {{"$ref", std::string("#/components/schemas/") + name}}; }

json::object string_schema() { return {{"type", "string"}}; }

json::object error_schema() {
  json::object detail{{"type", "object"},
                      {"properties", json::object{{"field", string_schema()}, {"message", string_schema()}}},
                      {"required", json::array{"field", "message"}}};
  json::object properties{{"success", json::object{{"const", false}}},
                          {"error", string_schema()},
                          {"message", string_schema()},
                          {"code", string_schema()},
                          {"details", json::object{{"type", "array"}, {"items", std::move(detail)}}},
                          {"requestId", string_schema()}};
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"required", json::array{"success", "error", "message", "code", "details", "requestId"}}};
}

json::object json_content(json::object schema) {
  return {{"application/json", json::object{{"schema", std::move(schema)}}}};
}

json::object answer_schema(const Route& route) {
  json::object properties{{"success", json::object{{"const", true}}}};
  json::array required{"success", "data"};
  if (route.top != nullptr) {
    const auto top = route.top();
    for (const auto& [name, schema] : top.at("properties").as_object()) {
      properties[name] = schema;
      required.emplace_back(name);
    }
  }
  properties["data"] = route.data != nullptr ? route.data() : json::object{{"type", "null"}};
  properties["message"] = string_schema();
  return {{"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}};
}

// What this route may answer besides its own, from what it is.
std::vector<ErrorKind> errors_of(const Route& route) {
  auto kinds = route.spec.errors;
  if (route.query != nullptr || route.body != nullptr) kinds.push_back(ErrorKind::validation);
  if (route.body != nullptr) {
    kinds.push_back(ErrorKind::payload_too_large);
    kinds.push_back(ErrorKind::unsupported_media_type);
  }
  if (route.spec.access != Access::open)
    kinds.insert(kinds.end(), {ErrorKind::unauthorized, ErrorKind::forbidden});
  kinds.insert(kinds.end(), {ErrorKind::internal, ErrorKind::unavailable});
  return kinds;
}

json::object responses_of(const Route& route) {
  json::object responses;
  responses[std::to_string(route.spec.status)] =
      json::object{{"description", "Done"}, {"content", json_content(answer_schema(route))}};
  for (const auto kind : errors_of(route)) {
    const auto status = std::to_string(status_of(kind, ErrorShape::client_api));
    const auto name = std::string(kind_name(kind, ErrorShape::client_api));
    if (auto* known = responses.if_contains(status)) {
      auto& words = known->as_object()["description"].as_string();
      const std::string_view so_far(words.data(), words.size());
      if (so_far.find(name) == std::string_view::npos) words.append(", " + name);
      continue;
    }
    responses[status] = json::object{{"description", name}, {"content", json_content(ref("Error"))}};
  }
  return responses;
}

json::array parameters_of(const Route& route) {
  json::array parameters;
  std::string_view path = route.spec.path;
  for (auto open = path.find('{'); open != std::string_view::npos; open = path.find('{')) {
    const auto close = path.find('}');
    const auto name = path.substr(open + 1, close - open - 1);
    parameters.push_back(
        json::object{{"name", name}, {"in", "path"}, {"required", true}, {"schema", string_schema()}});
    path.remove_prefix(close + 1);
  }
  if (route.query != nullptr) {
    const auto query = route.query();
    for (const auto& [name, schema] : query.at("properties").as_object()) {
      parameters.push_back(
          json::object{{"name", name}, {"in", "query"}, {"required", false}, {"schema", schema}});
    }
  }
  return parameters;
}

json::object operation_of(const Route& route) {
  json::object operation{{"operationId", route.spec.operation}, {"summary", route.spec.summary}};
  if (auto parameters = parameters_of(route); !parameters.empty())
    operation["parameters"] = std::move(parameters);
  if (route.body != nullptr) {
    const auto schema = route.body();
    operation["requestBody"] =
        json::object{{"required", schema.contains("required")}, {"content", json_content(schema)}};
  }
  operation["responses"] = responses_of(route);
  operation["security"] = json::array();
  if (route.spec.access != Access::open) {
    operation["security"].as_array().push_back(json::object{{"bearer", json::array()}});
  }
  return operation;
}

std::string lower(std::string_view method) {
  std::string out(method);
  for (char& c : out) c = static_cast<char>(c | 0x20);
  return out;
}

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string_view text_of(const json::value& value) {
  return {value.as_string().data(), value.as_string().size()};
}

std::string pretty_fields(const json::object& schema) {
  std::string rows;
  const auto* properties = schema.if_contains("properties");
  if (properties == nullptr) return rows;
  for (const auto& [name, field] : properties->as_object()) {
    rows += "<tr><td><code>" + escape({name.data(), name.size()}) + "</code></td><td><code>" +
            escape(json::serialize(field)) + "</code></td></tr>\n";
  }
  return rows;
}

std::string table(const std::string& title, const std::string& rows) {
  if (rows.empty()) return "";
  return "<h3>" + title + "</h3>\n<table>\n" + rows + "</table>\n";
}

std::string section(std::string_view path, std::string_view method, const json::object& operation) {
  std::string upper(method);
  for (char& c : upper) c = static_cast<char>(c & ~0x20);
  std::string html = "<section>\n<h2><code>" + upper + " " + escape(path) + "</code></h2>\n<p>" +
                     escape(text_of(operation.at("summary"))) + "</p>\n";
  if (!operation.at("security").as_array().empty())
    html += "<p>Needs <code>Authorization: Bearer</code>.</p>\n";

  std::string rows;
  if (const auto* parameters = operation.if_contains("parameters")) {
    for (const auto& parameter : parameters->as_array()) {
      rows += "<tr><td><code>" + escape(text_of(parameter.at("name"))) + "</code></td><td>" +
              escape(text_of(parameter.at("in"))) + "</td></tr>\n";
    }
  }
  html += table("Parameters", rows);
  if (const auto* body = operation.if_contains("requestBody")) {
    html += table("Body", pretty_fields(body->at("content").at("application/json").at("schema").as_object()));
  }
  rows.clear();
  for (const auto& [status, response] : operation.at("responses").as_object()) {
    rows += "<tr><td>" + escape({status.data(), status.size()}) + "</td><td>" +
            escape(text_of(response.at("description"))) + "</td></tr>\n";
  }
  return html + table("Answers", rows) + "</section>\n";
}

constexpr const char* kPageStart =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Claude Relay API</title>\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n<style>";

constexpr const char* kStyle =
    "\n"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\n"
    "section{border-top:1px solid #ccc;padding:.5rem 0}h2{font-size:1.1rem}h3{font-size:.9rem;margin:.5rem 0 "
    "0}\n"
    "td{padding:.1rem 1rem .1rem 0;vertical-align:top;overflow-wrap:anywhere}code{font-size:.85rem}\n";

constexpr const char* kPageHead =
    "</style></head><body>\n<h1>Claude Relay API</h1>\n"
    "<p>Made from the same table that routes the calls. For programs: <a "
    "href=\"/openapi.json\">/openapi.json</a>.</p>\n";

// The page's own style, known by its hash, and nothing else.
std::string page_policy() {
  const auto digest = sha256(kStyle);
  const auto hash = to_base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
  return "default-src 'none'; style-src 'sha256-" + hash + "'; frame-ancestors 'none'";
}

using Text = std::shared_ptr<const std::string>;

Task<HttpAnswer> serve(Text text, const char* type, std::string policy) {
  HttpAnswer answer;
  answer.headers.push_back({"Content-Type", type});
  if (!policy.empty()) answer.headers.push_back({"Content-Security-Policy", std::move(policy)});
  answer.body = *text;
  co_return answer;
}

Route text_route(std::string_view path, std::string_view operation, std::string_view summary,
                 std::string body, const char* type, const std::string& policy) {
  auto text = std::make_shared<const std::string>(std::move(body));
  Route route;
  route.spec = RouteSpec{.method = "GET",
                         .path = path,
                         .access = Access::open,
                         .operation = operation,
                         .summary = summary,
                         .base = Base::root};
  route.call = [text, type, policy](Call, RouteInput) { return serve(text, type, policy); };
  return route;
}

}  // namespace

json::object openapi_document(const std::vector<Route>& routes, const std::string& version) {
  json::object paths;
  for (const auto& route : routes) {
    const auto base = route.spec.base == Base::client_api ? "/api/client" : "";
    auto& path = paths[base + std::string(route.spec.path)];
    if (!path.is_object()) path = json::object();
    path.as_object()[lower(route.spec.method)] = operation_of(route);
  }
  json::object bearer{{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}};
  return {{"openapi", "3.1.0"},
          {"info", json::object{{"title", "Claude Relay API"}, {"version", version}}},
          {"paths", std::move(paths)},
          {"components", json::object{{"schemas", json::object{{"Error", error_schema()}}},
                                      {"securitySchemes", json::object{{"bearer", std::move(bearer)}}}}}};
}

std::string documentation_page(const json::object& document) {
  std::string html = std::string(kPageStart) + kStyle + kPageHead;
  for (const auto& [path, operations] : document.at("paths").as_object()) {
    for (const auto& [method, operation] : operations.as_object()) {
      html += section({path.data(), path.size()}, {method.data(), method.size()}, operation.as_object());
    }
  }
  return html + "</body></html>\n";
}

std::vector<Route> with_documentation(std::vector<Route> routes, const std::string& version) {
  const auto document = openapi_document(routes, version);
  routes.push_back(text_route("/openapi.json", "getOpenApi", "This document", json::serialize(document),
                              "application/json", ""));
  routes.push_back(text_route("/docs", "getDocs", "A readable page of it", documentation_page(document),
                              "text/html; charset=utf-8", page_policy()));
  return routes;
}

}  // namespace relay
