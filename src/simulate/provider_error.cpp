// Errors in the provider's own words.
#include "simulate/answer.h"
#include "simulate/wire_text.h"

#include <array>

namespace relay::simulate {
namespace {

struct Words {
  int status;
  std::string_view anthropic_type, openai_type, openai_code, message;
};

constexpr auto kErrorWords = std::to_array<Words>({
    {400, "invalid_request_error", "invalid_request_error", "", "The request is invalid."},
    {401, "authentication_error", "invalid_request_error", "invalid_api_key", "invalid x-api-key"},
    {402, "billing_error", "insufficient_quota", "insufficient_quota", "Your credit balance is too low."},
    {403, "permission_error", "permission_error", "",
     "Your API key does not have permission to use this resource."},
    {404, "not_found_error", "invalid_request_error", "not_found", "Not found"},
    {409, "conflict_error", "conflict_error", "", "The request conflicts with another one."},
    {413, "request_too_large", "invalid_request_error", "", "Request exceeds the maximum size"},
    {429, "rate_limit_error", "requests", "rate_limit_exceeded",
     "This request would exceed your rate limit."},
    {500, "api_error", "server_error", "", "Internal server error"},
    {503, "api_error", "server_error", "", "The service is temporarily unavailable."},
    {504, "timeout_error", "server_error", "", "The request timed out."},
    {529, "overloaded_error", "server_error", "overloaded", "Overloaded"},
});

const Words& words_of(int status) {
  for (const auto& words : kErrorWords) {
    if (words.status == status) return words;
  }
  static constexpr Words kClient{0, "invalid_request_error", "invalid_request_error", "",
                                 "The request was refused."};
  static constexpr Words kServer{0, "api_error", "server_error", "", "Internal server error"};
  return status < 500 ? kClient : kServer;
}

void append_string_or_null(std::string& out, std::string_view text) {
  if (text.empty()) {
    out.append("null");
  } else {
    append_json_string(out, text);
  }
}

}  // namespace

Answer provider_error(Dialect dialect, int status, std::string_view code, std::string_view message,
                      std::string_view request_id, std::string_view param) {
  const auto& words = words_of(status);
  if (message.empty()) message = words.message;
  Answer answer{.status = status, .dialect = dialect};
  if (dialect == Dialect::openai) {
    append(answer.body, R"({"error":{"message":)");
    append_json_string(answer.body, message);
    append(answer.body, R"(,"type":)");
    append_json_string(answer.body, code == "insufficient_quota" ? code : words.openai_type);
    append(answer.body, R"(,"param":)");
    append_string_or_null(answer.body, param);
    append(answer.body, R"(,"code":)");
    append_string_or_null(answer.body, code.empty() ? words.openai_code : code);
    append(answer.body, "}}");
    return answer;
  }
  append(answer.body, R"({"type":"error","error":{"details":null,"type":)");
  append_json_string(answer.body, code.empty() ? words.anthropic_type : code);
  append(answer.body, R"(,"message":)");
  append_json_string(answer.body, message);
  append(answer.body, R"(},"request_id":)");
  append_json_string(answer.body, request_id);
  append(answer.body, "}");
  return answer;
}

}  // namespace relay::simulate
