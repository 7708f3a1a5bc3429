#include "http/error_answer.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace relay {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kRetryAfterUnlessSaid{1};

struct KindNames {
  int status;
  std::string_view client_api;
  std::string_view anthropic;
  std::string_view openai;
};

KindNames names_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::validation:
      return {400, "ValidationError", "invalid_request_error", "invalid_request_error"};
    case ErrorKind::security:
      return {400, "SecurityError", "invalid_request_error", "invalid_request_error"};
    case ErrorKind::unauthorized:
      return {401, "Unauthorized", "authentication_error", "invalid_request_error"};
    case ErrorKind::token_expired:
      return {401, "TokenExpired", "authentication_error", "invalid_request_error"};
    case ErrorKind::token_invalid:
      return {401, "InvalidToken", "authentication_error", "invalid_request_error"};
    case ErrorKind::payment_required:
      return {402, "PaymentRequired", "billing_error", "insufficient_quota"};
    case ErrorKind::forbidden:
      return {403, "Forbidden", "permission_error", "permission_error"};
    case ErrorKind::limit_exceeded:
      return {403, "LimitExceeded", "permission_error", "permission_error"};
    case ErrorKind::not_found:
      return {404, "NotFound", "not_found_error", "invalid_request_error"};
    case ErrorKind::method_not_allowed:
      return {405, "MethodNotAllowed", "invalid_request_error", "invalid_request_error"};
    case ErrorKind::conflict:
      return {409, "ConflictError", "conflict_error", "invalid_request_error"};
    case ErrorKind::payload_too_large:
      return {413, "PayloadTooLarge", "request_too_large", "invalid_request_error"};
    case ErrorKind::uri_too_long:
      return {414, "UriTooLong", "invalid_request_error", "invalid_request_error"};
    case ErrorKind::unsupported_media_type:
      return {415, "UnsupportedMediaType", "invalid_request_error", "invalid_request_error"};
    case ErrorKind::upgrade_required:
      return {426, "UpgradeRequired", "invalid_request_error", "invalid_request_error"};
    case ErrorKind::too_many_requests:
      return {429, "TooManyRequests", "rate_limit_error", "rate_limit_error"};
    case ErrorKind::head_too_large:
      return {431, "HeadTooLarge", "invalid_request_error", "invalid_request_error"};
    case ErrorKind::internal:
      return {500, "InternalError", "api_error", "server_error"};
    case ErrorKind::bad_gateway:
      return {502, "BadGateway", "api_error", "server_error"};
    case ErrorKind::unavailable:
      return {503, "ServiceUnavailable", "overloaded_error", "server_error"};
    case ErrorKind::gateway_timeout:
      return {504, "GatewayTimeout", "timeout_error", "server_error"};
    case ErrorKind::overloaded:
      return {529, "ServiceUnavailable", "overloaded_error", "server_error"};
  }
  return {500, "InternalError", "api_error", "server_error"};
}

// The words that OpenAI's clients branch on; everything else keeps the relay's own code.
std::string_view openai_code(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::unauthorized:
    case ErrorKind::token_expired:
    case ErrorKind::token_invalid:
      return "invalid_api_key";
    case ErrorKind::payment_required:
      return "insufficient_quota";
    case ErrorKind::too_many_requests:
      return "rate_limit_exceeded";
    default:
      return error.code();
  }
}

json::object client_api_body(const Error& error, const std::string_view id) {
  json::array details;
  for (const auto& [field, message] : error.fields()) {
    details.push_back(json::object{{"field", field}, {"message", message}});
  }
  return {{"success", false},
          {"error", kind_name(error.kind(), ErrorShape::client_api)},
          {"message", error.message()},
          {"code", error.code()},
          {"details", std::move(details)},
          {"requestId", id}};
}

json::object anthropic_body(const Error& error, const std::string_view id) {
  return {{"type", "error"},
          {"error", json::object{{"type", kind_name(error.kind(), ErrorShape::anthropic)},
                                 {"message", error.message()}}},
          {"request_id", id}};
}

json::object openai_body(const Error& error) {
  json::value param = nullptr;
  if (!error.fields().empty()) param = error.fields().front().field;
  return {{"error", json::object{{"message", error.message()},
                                 {"type", kind_name(error.kind(), ErrorShape::openai)},
                                 {"param", std::move(param)},
                                 {"code", openai_code(error)}}}};
}

json::object body_of(const Error& error, ErrorShape shape, std::string_view request_id) {
  switch (shape) {
    case ErrorShape::client_api:
      return client_api_body(error, request_id);
    case ErrorShape::anthropic:
      return anthropic_body(error, request_id);
    case ErrorShape::openai:
      return openai_body(error);
  }
  return client_api_body(error, request_id);
}

// The same call a second time fails the same way. 409 and 426 are left to the client's own rule.
bool retry_is_vain(int status) {
  return status >= 400 && status < 500 && status != 409 && status != 426 && status != 429;
}

// The SDKs show this header's value with an error; each provider has its own name for it.
std::string_view request_id_header(ErrorShape shape) {
  return shape == ErrorShape::anthropic ? "request-id" : "x-request-id";
}

}  // namespace

int status_of(ErrorKind kind, ErrorShape shape) {
  const int status = names_of(kind).status;
  // 529 is Anthropic's own number; others know 503.
  return status == 529 && shape != ErrorShape::anthropic ? 503 : status;
}

std::string_view kind_name(ErrorKind kind, ErrorShape shape) {
  const auto names = names_of(kind);
  switch (shape) {
    case ErrorShape::client_api:
      return names.client_api;
    case ErrorShape::anthropic:
      return names.anthropic;
    case ErrorShape::openai:
      return names.openai;
  }
  return names.client_api;
}

HttpAnswer error_answer(const Error& error, ErrorShape shape, std::string_view request_id) {
  HttpAnswer answer;
  answer.status = status_of(error.kind(), shape);
  answer.headers.push_back({"Content-Type", "application/json"});
  answer.headers.push_back({std::string(request_id_header(shape)), std::string(request_id)});

  const bool wait_and_retry = answer.status == 429 || answer.status == 503 || answer.status == 529;
  if (error.retry_after() || wait_and_retry) {
    const auto wait = error.retry_after().value_or(kRetryAfterUnlessSaid);
    answer.headers.push_back({"Retry-After", std::to_string(wait.count())});
  }
  if (shape == ErrorShape::client_api) {
    // RFC 9110 15.5.2 asks for it; "Bearer" opens no dialog in a browser.
    if (answer.status == 401) answer.headers.push_back({"WWW-Authenticate", "Bearer"});
  } else if (retry_is_vain(answer.status)) {
    answer.headers.push_back({"x-should-retry", "false"});
  }
  answer.body = json::serialize(body_of(error, shape, request_id));
  return answer;
}

HttpAnswer method_not_allowed_answer(std::string_view allow, ErrorShape shape, std::string_view request_id) {
  const Error error(ErrorKind::method_not_allowed, "method_not_allowed",
                    "This path does not take that method");
  auto answer = error_answer(error, shape, request_id);
  answer.headers.push_back({"Allow", std::string(allow)});
  return answer;
}

}  // namespace relay
