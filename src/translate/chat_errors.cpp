#include "translate/chat_errors.h"

#include "text/utf8.h"
#include "translate/chat_json_text.h"

#include <algorithm>
#include <array>
#include <span>

namespace relay::chat_translation {
namespace {

constexpr std::size_t kMessageBytesMax = 4096;

// Claude Code makes its conversation shorter when a message says this, OpenAI's clients look for the code.
constexpr std::string_view kTooLongWords = "prompt is too long";
constexpr std::string_view kTooLongCode = "context_length_exceeded";

struct ErrorWords {
  int status;
  std::string_view messages;
  std::string_view chat;
  std::string_view chat_code;
};

// As http/error_answer has them for the relay's own errors. The first of two with one status, or one word,
// counts.
constexpr std::array kErrors{
    ErrorWords{400, "invalid_request_error", "invalid_request_error", "invalid_request"},
    ErrorWords{401, "authentication_error", "invalid_request_error", "invalid_api_key"},
    ErrorWords{402, "billing_error", "insufficient_quota", "insufficient_quota"},
    ErrorWords{403, "permission_error", "permission_error", "permission_denied"},
    ErrorWords{404, "not_found_error", "invalid_request_error", "not_found"},
    ErrorWords{404, "not_found_error", "invalid_request_error", "model_not_found"},
    ErrorWords{409, "conflict_error", "invalid_request_error", "conflict"},
    ErrorWords{413, "request_too_large", "invalid_request_error", "request_too_large"},
    ErrorWords{429, "rate_limit_error", "rate_limit_error", "rate_limit_exceeded"},
    ErrorWords{500, "api_error", "server_error", "server_error"},
    ErrorWords{503, "overloaded_error", "server_error", "server_is_overloaded"},
    ErrorWords{504, "timeout_error", "server_error", "timeout"},
    ErrorWords{529, "overloaded_error", "server_error", "server_is_overloaded"},
};
constexpr std::size_t kBadRequest = 0;
constexpr std::size_t kServerError = 9;
static_assert(kErrors[kServerError].status == 500);

template <class Field, class Value>
const ErrorWords* words_with(Field field, const Value& value) {
  const auto found = std::ranges::find(kErrors, value, field);
  return found == kErrors.end() ? nullptr : &*found;
}

const ErrorWords& words_of_status(int status) {
  if (const auto* words = words_with(&ErrorWords::status, status)) return *words;
  return status >= 400 && status < 500 ? kErrors[kBadRequest] : kErrors[kServerError];
}

/// The type says more than the status of a stream's 200 does, and Chat's code more than its type.
const ErrorWords& words_of_chat(JsonValue error, int status) {
  const auto code = inside(error.find("code"));
  if (code == kTooLongCode) return kErrors[kBadRequest];
  if (const auto* words = words_with(&ErrorWords::chat_code, code)) {
    // A spent quota comes as 429, which for a Messages client would be a call to wait.
    if (status == 0 || code == "insufficient_quota") return *words;
  }
  if (status != 0) return words_of_status(status);
  if (const auto* words = words_with(&ErrorWords::chat, inside(error.find("type")))) return *words;
  return kErrors[kServerError];
}

const ErrorWords& words_of_messages(JsonValue error, int status) {
  if (const auto* words = words_with(&ErrorWords::messages, inside(error.find("type")))) return *words;
  return words_of_status(status);
}

std::string message_of(JsonValue error, int status) {
  std::string scratch;
  const auto said = error.find("message").string(scratch);
  if (said && !said->empty()) return to_valid_utf8(*said, kMessageBytesMax);
  if (status == 0) return "The upstream failed";
  return "The upstream answered with status " + std::to_string(status);
}

std::string chat_error(const ErrorWords& words, std::string_view code, std::string_view message) {
  std::string body;
  JsonText out(body);
  out.open().key("error").open().member_text("message", message).member_text("type", words.chat);
  out.member_raw("param", "null").member_text("code", code).close().close();
  return body;
}

std::string messages_error(const ErrorWords& words, std::string_view message) {
  std::string body;
  JsonText out(body);
  out.open().member_text("type", "error").key("error").open();
  out.member_text("type", words.messages).member_text("message", message).close().close();
  return body;
}

std::string chat_error_of(JsonValue error, int status) {
  const auto& words = words_of_messages(error, status);
  const auto message = message_of(error, status);
  const bool too_long = message.starts_with(kTooLongWords);
  return chat_error(words, too_long ? kTooLongCode : words.chat_code, message);
}

std::string messages_error_of(JsonValue error, int status) {
  const auto& words = words_of_chat(error, status);
  auto message = message_of(error, status);
  if (inside(error.find("code")) == kTooLongCode && !message.starts_with(kTooLongWords))
    message = std::string(kTooLongWords) + ": " + message;
  return messages_error(words, message);
}

}  // namespace

std::string to_chat_error(int status, std::string_view body, JsonIndex& index) {
  const bool readable = read_whole(index, body);
  return chat_error_of(readable ? index.root().find("error") : JsonValue(), status);
}

std::string to_messages_error(int status, std::string_view body, JsonIndex& index) {
  const bool readable = read_whole(index, body);
  return messages_error_of(readable ? index.root().find("error") : JsonValue(), status);
}

std::string to_chat_error(JsonValue error) { return chat_error_of(error, 0); }
std::string to_messages_error(JsonValue error) { return messages_error_of(error, 0); }

Error broken_answer(const char* why) {
  return Error(ErrorKind::internal, "upstream_answer_broken",
               "The upstream gave an answer that can't be read")
      .because(why);
}

std::string chat_stream_error(std::string_view words) {
  return chat_error(kErrors[kServerError], "upstream_stream_broken", words);
}
std::string messages_stream_error(std::string_view words) {
  return messages_error(kErrors[kServerError], words);
}

}  // namespace relay::chat_translation
