#include "api/openapi.h"

#include "api/field_notes.h"
#include "api/route_errors.h"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>

namespace relay {
namespace {

namespace json = boost::json;
using openapi::json_content;
using openapi::reference;
using openapi::text_schema;

constexpr const char* kAbout =
    "One program that a team runs in front of its Anthropic and OpenAI accounts.\n\n"
    "**Paths.** The client API is below `/api/client`; `/client` is another name of it. The relay's paths "
    "are "
    "those that the providers' own clients ask for.\n\n"
    "**Answers** are `{\"success\":true,\"data\":…,\"message\":…}`. Times are RFC 3339 in UTC, amounts of "
    "money "
    "decimals in strings, ids opaque strings. Every answer has its call's id in `x-relay-request-id`.\n\n"
    "**Errors** are `{\"success\":false,\"error\":\"ValidationError\",\"message\":\"…\",\"code\":\"…\","
    "\"details\":[{\"field\":\"…\",\"message\":\"…\"}],\"requestId\":\"…\"}`: `error` and `code` are for "
    "programs, "
    "`details` names every wrong field. An error that passes by waiting has `Retry-After`. Errors of the "
    "relay "
    "have the shape of the dialect that was called.\n\n"
    "**Requests.** Bodies are JSON in UTF-8, at most 1 MB and 32 levels deep. Unknown fields are ignored, "
    "wrong "
    "types are refused, and so is a field or a query parameter that is given twice.\n\n"
    "**Lists** come in pages, newest first: `?limit=&cursor=`, and `nextCursor` in the answer.\n\n"
    "**Passwords** are encrypted by the client: take `publicKey` and `nonce` from `GET "
    "/api/client/auth/public-key`, encrypt with RSA-OAEP (SHA-256 for hash and MGF1), send base64 and the "
    "nonce. "
    "One nonce serves all fields of one request.";

struct Tag {
  std::string_view prefix;  // of the path
  std::string_view name;
  std::string_view description;
};

// The first prefix that fits.
constexpr auto kTags = std::to_array<Tag>({
    {"/api/client/auth", "Authentication", "Accounts, sessions, passwords"},
    {"/api/client/keys", "Keys", "API keys for the relay, and what they used"},
    {"/api/client/users", "Account", "Oneself: profile, usage, billing, notifications"},
    {"/api/admin", "Admin", "For administrators"},
    {"/v1", "Relay", "The providers' APIs, with an API key"},
    {"/", "Service", "The process itself"},
});

std::string_view tag_of(std::string_view path) {
  const auto fits = [path](const Tag& tag) { return path.starts_with(tag.prefix); };
  return std::ranges::find_if(kTags, fits)->name;
}

std::string lower(std::string_view method) {
  std::string out(method);
  for (char& c : out) c = static_cast<char>(c | 0x20);
  return out;
}

class Describer {
 public:
  explicit Describer(const Route& route, OpenApiComponents& components)
      : route_(route), spec_(route.spec), components_(components) {}

  json::object operation(std::string_view path) {
    json::object operation{{"operationId", spec_.operation}, {"summary", spec_.summary}};
    if (!spec_.description.empty()) operation["description"] = spec_.description;
    operation["tags"] = json::array{openapi::text_value(tag_of(path))};
    if (auto all = parameters(); !all.empty()) operation["parameters"] = std::move(all);
    if (route_.body != nullptr) operation["requestBody"] = request_body();
    if (route_.takes_any_body) {
      operation["requestBody"] = json::object{{"content", json::object{{"*/*", json::object()}}}};
    }
    operation["responses"] = responses();
    operation["security"] = json::array();
    if (spec_.access != Access::open)
      operation["security"].as_array().push_back(json::object{{"bearer", json::array()}});
    return operation;
  }

 private:
  json::object parameter(std::string_view name, std::string_view place, bool required, json::object schema) {
    json::object parameter{{"name", name}, {"in", place}, {"required", required}};
    add_note(spec_.operation, name, schema);
    if (const auto* description = schema.if_contains("description")) {
      parameter["description"] = *description;
      schema.erase("description");
    }
    parameter["schema"] = std::move(schema);
    return parameter;
  }

  json::array parameters() {
    json::array all;
    std::string_view path = spec_.path;
    for (auto open = path.find('{'); open != std::string_view::npos; open = path.find('{')) {
      path.remove_prefix(open + 1);
      const auto close = path.find('}');
      const json::object schema{{"type", "string"}, {"minLength", 1}, {"maxLength", kPathValueCharactersMax}};
      all.push_back(parameter(path.substr(0, close), "path", true, schema));
      path.remove_prefix(close + 1);
    }
    if (route_.query == nullptr) return all;
    const auto query = route_.query();
    for (const auto& [name, schema] : query.at("properties").as_object()) {
      auto plain = schema.as_object();
      if (plain.at("type").is_array()) plain["type"] = plain.at("type").as_array().front();  // none is absent
      all.push_back(parameter(name, "query", is_required(query, name), std::move(plain)));
    }
    return all;
  }

  static bool is_required(const json::object& schema, std::string_view name) {
    const auto* required = schema.if_contains("required");
    return required != nullptr &&
           std::ranges::find(required->as_array(), openapi::text_value(name)) != required->as_array().end();
  }

  json::object request_body() {
    const auto schema = route_.body();
    auto body = components_.take(schema);
    if (!spec_.required.empty()) {
      json::array names;
      for (const auto name : spec_.required) names.push_back(openapi::text_value(name));
      body = json::object{{"allOf", json::array{std::move(body)}}, {"required", std::move(names)}};
    }
    const bool required = !spec_.required.empty() || schema.contains("required");
    json::object content = json_content(std::move(body));
    auto example =
        example_of(components_.take_properties(std::string(schema.at("title").as_string()), schema));
    if (!example.empty()) content["application/json"].as_object()["example"] = std::move(example);
    return {{"required", required}, {"content", std::move(content)}};
  }

  // What has an example, but for what is deprecated.
  static json::object example_of(const json::object& properties) {
    json::object example;
    for (const auto& [name, schema] : properties) {
      const auto* examples = schema.as_object().if_contains("examples");
      if (examples != nullptr && !schema.as_object().contains("deprecated"))
        example[name] = examples->as_array().front();
    }
    return example;
  }

  // With the members of one form of what stands beside "data".
  json::object envelope_of(json::object top, json::object data, bool success) {
    json::object properties{{"success", json::object{{"const", success}}}};
    json::array required{"success"};
    const std::string owner(top.at("title").as_string());
    for (auto& [name, schema] : components_.take_properties(owner, std::move(top))) {
      required.emplace_back(name);
      properties[name] = std::move(schema);
    }
    properties["data"] = components_.take(std::move(data));
    required.emplace_back("data");
    properties["message"] = text_schema();
    add_note("", "message", properties["message"].as_object());
    return {{"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}};
  }

  json::object envelope_schema(bool success) {
    auto top = route_.top != nullptr ? route_.top() : schema_of<NoFields>(SchemaUse::answer);
    auto data = route_.data != nullptr ? route_.data() : json::object{{"type", "null"}};
    const auto* forms = top.if_contains("oneOf");
    if (forms == nullptr) return envelope_of(std::move(top), std::move(data), success);
    // What stands beside "data" stands in it too: the forms go together.
    json::array envelopes;
    for (std::size_t i = 0; i < forms->as_array().size(); ++i) {
      auto& form = top.at("oneOf").as_array()[i].as_object();
      envelopes.push_back(envelope_of(form, data.at("oneOf").as_array()[i].as_object(), success));
    }
    return {{"oneOf", std::move(envelopes)}};
  }

  json::object envelope_response(int status) {
    auto headers = openapi::header_references({"x-request-id", "x-relay-request-id"});
    for (const auto name : spec_.answer_headers) headers[name] = OpenApiComponents::header(name);
    if (status == 503) headers["Retry-After"] = OpenApiComponents::header("Retry-After");
    return {{"description", status < 400 ? "Done" : "Not well; the same form"},
            {"headers", std::move(headers)},
            {"content", json_content(envelope_schema(status < 400))}};
  }

  static json::object other_response(const OtherAnswer& answer) {
    auto headers = openapi::header_references({"x-request-id", "x-relay-request-id"});
    for (const auto name : answer.headers) headers[name] = OpenApiComponents::header(name);
    json::object response{{"description", openapi::text_value(answer.meaning)},
                          {"headers", std::move(headers)}};
    if (answer.media_type.empty()) return response;
    auto schema = answer.schema != nullptr ? answer.schema() : text_schema();
    response["content"] = json::object{{answer.media_type, json::object{{"schema", std::move(schema)}}}};
    return response;
  }

  json::object responses() {
    json::object all;
    if (route_.answers.empty() || route_.data != nullptr) {
      all[std::to_string(spec_.status)] = envelope_response(spec_.status);
      for (const int status : spec_.also) all[std::to_string(status)] = envelope_response(status);
    }
    for (const auto& answer : route_.answers) all[std::to_string(answer.status)] = other_response(answer);
    const auto errors = errors_of(route_);
    for (auto error = errors.begin(); error != errors.end();) {
      const int status = status_of(error->kind, ErrorShape::client_api);
      Errors same;
      for (; error != errors.end() && status_of(error->kind, ErrorShape::client_api) == status; ++error)
        same.push_back(*error);
      auto response = components_.error_response(status, same);
      auto& slot = all[std::to_string(status)];
      slot = slot.is_null() ? std::move(response) : or_error(slot.as_object());
    }
    return all;
  }

  // A status that may be an answer or an error: 503 of /ready.
  static json::object or_error(json::object answer) {
    auto& schema = answer.at("content").at("application/json").as_object()["schema"];
    schema = json::object{{"oneOf", json::array{schema, reference("schemas", "Error")}}};
    return answer;
  }

  const Route& route_;
  const RouteSpec& spec_;
  OpenApiComponents& components_;
};

std::string documented_path(const RouteSpec& spec) {
  return (spec.base == Base::client_api ? "/api/client" : "") + std::string(spec.path);
}

json::array tags() {
  json::array all;
  for (const auto& tag : kTags)
    all.push_back(json::object{{"name", tag.name}, {"description", tag.description}});
  return all;
}

void add(json::object& paths, std::set<std::string>& names, std::string_view path, std::string_view method,
         json::object operation) {
  if (!names.emplace(operation.at("operationId").as_string()).second) {
    throw std::logic_error("two operations are called " +
                           std::string(operation.at("operationId").as_string()));
  }
  auto& item = paths[path];
  if (item.is_null()) item = json::object();
  item.as_object()[lower(method)] = std::move(operation);
}

}  // namespace

json::object openapi_document(const std::vector<Route>& routes, const std::vector<RelayedCall>& relayed,
                              const std::string& version) {
  OpenApiComponents components;
  json::object paths;
  std::set<std::string> names;
  for (const auto& route : routes) {
    const auto path = documented_path(route.spec);
    add(paths, names, path, route.spec.method, Describer(route, components).operation(path));
  }
  for (const auto& call : relayed) {
    add(paths, names, call.path, call.method, relayed_operation(call, components));
  }
  const json::object licence{{"name", "MIT"}, {"identifier", "MIT"}};
  return {
      {"openapi", "3.1.0"},
      {"info", json::object{{"title", "Claude Relay"},
                            {"version", version},
                            {"summary", "The client API, the admin API and the relay of one installation"},
                            {"description", kAbout},
                            {"license", licence}}},
      {"servers", json::array{json::object{{"url", "/"}, {"description", "This relay"}}}},
      {"tags", tags()},
      {"paths", std::move(paths)},
      {"components", std::move(components).all()}};
}

}  // namespace relay
