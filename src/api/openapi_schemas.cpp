#include "api/openapi_schemas.h"

#include "api/field_notes.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <stdexcept>

namespace relay {
namespace {

namespace json = boost::json;
using openapi::json_content;
using openapi::reference;
using openapi::text_schema;

json::object object_of(json::object properties) {
  json::array required;
  for (const auto& [name, schema] : properties) required.emplace_back(name);
  return {{"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}};
}

json::object titled(const char* title, json::object schema) {
  schema["title"] = title;
  return schema;
}

json::object error_schema() {
  auto detail = titled("ErrorDetail", object_of({{"field", text_schema()}, {"message", text_schema()}}));
  return titled("Error",
                object_of({{"success", json::object{{"const", false}}},
                           {"error", text_schema()},
                           {"message", text_schema()},
                           {"code", text_schema()},
                           {"details", json::object{{"type", "array"}, {"items", std::move(detail)}}},
                           {"requestId", text_schema()}}));
}

json::object anthropic_error_schema() {
  auto inner = object_of(
      {{"type", json::object{{"type", "string"}, {"examples", json::array{"authentication_error"}}}},
       {"message", text_schema()}});
  return object_of({{"type", json::object{{"const", "error"}}},
                    {"error", std::move(inner)},
                    {"request_id", json::object{{"type", json::array{"string", "null"}}}}});
}

json::object openai_error_schema() {
  const json::object text_or_null{{"type", json::array{"string", "null"}}};
  auto inner = object_of(
      {{"message", text_schema()},
       {"type", json::object{{"type", "string"}, {"examples", json::array{"invalid_request_error"}}}},
       {"param", text_or_null},
       {"code", text_or_null}});
  return object_of({{"error", std::move(inner)}});
}

json::object header_object(const char* description, json::object schema) {
  return {{"description", description}, {"schema", std::move(schema)}};
}

json::object headers() {
  const auto words = text_schema();
  const json::object seconds{{"type", "integer"}, {"minimum", 0}};
  return {
      {"x-request-id", header_object("The call's id: of every answer of the client API", words)},
      {"x-relay-request-id", header_object("The call's id: of every answer, the providers' too", words)},
      {"x-relay-cache",
       header_object("Where the key or the call asks for kept answers: hit, miss, refresh or "
                     "bypass",
                     words)},
      {"Retry-After", header_object("After how many seconds a new try makes sense", seconds)},
      {"WWW-Authenticate", header_object("Bearer", words)},
      {"Deprecation",
       header_object("Sent when the password came in plain text: since when that is deprecated "
                     "(RFC 9745)",
                     words)},
      {"ETag", header_object("For If-None-Match: who has this very answer gets 304", words)},
      {"Location", header_object("Where to go on", words)},
      {"Set-Cookie",
       header_object("Binds a sign-in elsewhere to the browser that began it: HttpOnly, SameSite=Lax",
                     words)},
      {"x-should-retry", header_object("false where no new try can help; true where a moment helps against "
                                       "the status",
                                       json::object{{"enum", json::array{"false", "true"}}})},
      {"anthropic-ratelimit-requests-limit",
       header_object("The key's limit, in the provider's words", words)},
      {"x-relay-budget-spent", header_object("Soft budgets that are spent: key daily, user monthly", words)},
      {"x-ratelimit-limit-requests", header_object("The key's limit, in the provider's words", words)},
  };
}

// The errors of most routes, by the name of their response.
struct SharedResponse {
  std::string_view name;
  int status;
  Errors errors;
};

const std::vector<SharedResponse>& shared_responses() {
  static const std::vector<SharedResponse> all{
      {"Unauthorized",
       401,
       {{ErrorKind::unauthorized, {"token_missing"}},
        {ErrorKind::token_expired, {"token_expired"}},
        {ErrorKind::token_invalid, {"token_invalid", "session_ended"}}}},
      {"Forbidden", 403, {{ErrorKind::forbidden, {"account_inactive"}}}},
      {"AdminRequired", 403, {{ErrorKind::forbidden, {"account_inactive", "admin_required"}}}},
      {"PayloadTooLarge", 413, {{ErrorKind::payload_too_large, {"body_too_large", "request_too_large"}}}},
      {"UnsupportedMediaType", 415, {{ErrorKind::unsupported_media_type, {"unsupported_media_type"}}}},
      {"TooManyRequests", 429, {{ErrorKind::too_many_requests, {"too_many_attempts"}}}},
      {"InternalError", 500, {ErrorKind::internal}},
      {"ServiceUnavailable", 503, {ErrorKind::unavailable}},
  };
  return all;
}

json::object response_of(int status, const Errors& errors) {
  json::array kinds;
  json::array codes;
  bool any_code = false;
  std::string description;
  for (const auto& error : errors) {
    const auto kind = openapi::text_value(kind_name(error.kind, ErrorShape::client_api));
    if (std::ranges::find(kinds, kind) == kinds.end()) {
      kinds.push_back(kind);
      description += (description.empty() ? "" : ", ") + std::string(kind.as_string());
    }
    any_code = any_code || error.codes.empty();
    for (const auto code : error.codes) codes.push_back(openapi::text_value(code));
  }
  json::object own{{"error", json::object{{"enum", std::move(kinds)}}}};
  if (!any_code) own["code"] = json::object{{"enum", std::move(codes)}};
  const json::object narrower{{"type", "object"}, {"properties", std::move(own)}};
  const json::object schema{{"allOf", json::array{reference("schemas", "Error"), narrower}}};
  auto headers = openapi::header_references({"x-request-id", "x-relay-request-id"});
  if (status == 429 || status == 503) headers["Retry-After"] = OpenApiComponents::header("Retry-After");
  if (status == 401) headers["WWW-Authenticate"] = OpenApiComponents::header("WWW-Authenticate");
  return {{"description", description}, {"headers", std::move(headers)}, {"content", json_content(schema)}};
}

json::object or_null(json::object schema) {
  return {{"anyOf", json::array{std::move(schema), json::object{{"type", "null"}}}}};
}

}  // namespace

namespace openapi {

json::object reference(std::string_view kind, std::string_view name) {
  return {{"$ref", "#/components/" + std::string(kind) + "/" + std::string(name)}};
}

json::object json_content(json::object schema) {
  return {{"application/json", json::object{{"schema", std::move(schema)}}}};
}

json::object text_schema() { return {{"type", "string"}}; }

json::value text_value(std::string_view text) {
  return json::value(json::string_view(text.data(), text.size()));
}

json::object header_references(std::initializer_list<std::string_view> names) {
  json::object all;
  for (const auto name : names) all[name] = OpenApiComponents::header(name);
  return all;
}

}  // namespace openapi

OpenApiComponents::OpenApiComponents() {
  take(error_schema());
  schemas_["AnthropicError"] = anthropic_error_schema();
  schemas_["OpenAIError"] = openai_error_schema();
  for (const auto& shared : shared_responses()) {
    responses_[shared.name] = response_of(shared.status, shared.errors);
  }
}

json::object OpenApiComponents::header(std::string_view name) { return reference("headers", name); }

json::object OpenApiComponents::field(std::string_view owner, std::string_view name, json::object schema) {
  schema = take(std::move(schema));
  add_note(owner, name, schema);
  return schema;
}

json::object OpenApiComponents::take_properties(std::string_view owner, json::object schema) {
  json::object described;
  for (auto& [name, member] : schema.at("properties").as_object()) {
    described[name] = field(owner, name, std::move(member.as_object()));
  }
  return described;
}

json::object OpenApiComponents::take(json::object schema) {
  if (auto* forms = schema.if_contains("oneOf")) {
    for (auto& form : forms->as_array()) form = take(std::move(form.as_object()));
    return schema;
  }
  if (auto* items = schema.if_contains("items")) {
    schema["items"] = take(std::move(items->as_object()));
    return schema;
  }
  if (!schema.contains("title")) return schema;
  const std::string title(schema.at("title").as_string());
  const bool nullable = schema.at("type").is_array();
  schema["type"] = "object";
  schema.erase("title");
  schema["properties"] = take_properties(title, schema);
  if (const auto* known = schemas_.if_contains(title); known != nullptr && *known != schema) {
    throw std::logic_error("two structs of the client API are called " + title +
                           ": give one of them a name of its own");
  }
  schemas_[title] = std::move(schema);
  auto named = reference("schemas", title);
  return nullable ? or_null(std::move(named)) : named;
}

json::object OpenApiComponents::error_response(int status, const Errors& errors) {
  auto response = response_of(status, errors);
  for (const auto& [name, shared] : responses_) {
    if (shared == response) return reference("responses", name);
  }
  return response;
}

json::object OpenApiComponents::relay_error_response(std::string_view description, ErrorShape shape,
                                                     bool either_shape) {
  json::object schema;
  if (either_shape) {
    schema["oneOf"] =
        json::array{reference("schemas", "AnthropicError"), reference("schemas", "OpenAIError")};
  } else {
    schema = reference("schemas", shape == ErrorShape::anthropic ? "AnthropicError" : "OpenAIError");
  }
  return {{"description", openapi::text_value(description)},
          {"headers", openapi::header_references({"x-relay-request-id"})},
          {"content", json_content(std::move(schema))}};
}

json::object OpenApiComponents::all() && {
  const json::object bearer{{"type", "http"},
                            {"scheme", "bearer"},
                            {"bearerFormat", "JWT"},
                            {"description", "The access token of a sign-in (POST /api/client/auth/login)"}};
  const json::object api_key{{"type", "apiKey"},
                             {"in", "header"},
                             {"name", "x-api-key"},
                             {"description", "An API key (POST /api/client/keys)"}};
  const json::object bearer_key{
      {"type", "http"}, {"scheme", "bearer"}, {"description", "An API key, as OpenAI's clients send it"}};
  const json::object schemes{{"bearer", bearer}, {"apiKey", api_key}, {"bearerKey", bearer_key}};
  json::array names;
  for (const auto& [name, schema] : schemas_) names.emplace_back(name);
  std::ranges::sort(names, [](const auto& a, const auto& b) { return a.as_string() < b.as_string(); });
  json::object sorted;
  for (const auto& name : names) sorted[name.as_string()] = std::move(schemas_[name.as_string()]);
  return {{"schemas", std::move(sorted)},
          {"responses", std::move(responses_)},
          {"headers", headers()},
          {"securitySchemes", schemes}};
}

}  // namespace relay
