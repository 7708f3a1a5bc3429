#include "translate/messages_responses_words.h"

#include "json/json_index.h"
#include "json/parse.h"
#include "text/utf8.h"
#include "translate/request_part.h"

#include <algorithm>
#include <array>
#include <span>

namespace relay::messages_responses {
namespace {

namespace json = boost::json;

constexpr std::int64_t kCountMax = 1'000'000'000'000;
constexpr std::size_t kMessageBytesMax = 2'000;

struct Pair {
  std::string_view from;
  std::string_view to;
};

std::string_view look_up(std::span<const Pair> table, std::string_view from,
                         std::string_view otherwise = {}) {
  const auto found = std::ranges::find(table, from, &Pair::from);
  return found == table.end() ? otherwise : found->to;
}

constexpr std::array<Pair, 6> kToAnthropicEffort{{{"minimal", "low"},
                                                  {"low", "low"},
                                                  {"medium", "medium"},
                                                  {"high", "high"},
                                                  {"xhigh", "xhigh"},
                                                  {"max", "max"}}};
constexpr std::array<Pair, 5> kToResponsesEffort{
    {{"low", "low"}, {"medium", "medium"}, {"high", "high"}, {"xhigh", "xhigh"}, {"max", "xhigh"}}};

// "flex" has no place: the client counts on half the price.
constexpr std::array<Pair, 3> kToAnthropicTier{
    {{"auto", "auto"}, {"default", "standard_only"}, {"priority", "auto"}}};
constexpr std::array<Pair, 2> kToResponsesTier{{{"auto", "auto"}, {"standard_only", "default"}}};
constexpr std::array<Pair, 2> kToAnthropicServedTier{{{"priority", "priority"}, {"flex", "batch"}}};
constexpr std::array<Pair, 2> kToResponsesServedTier{{{"priority", "priority"}, {"batch", "flex"}}};

struct ErrorWords {
  std::string_view anthropic;
  int status;
  OpenAiError openai;
};
// As http/error_answer.cpp names them.
constexpr std::array<ErrorWords, 12> kErrors{{
    {"invalid_request_error", 400, {"invalid_request_error", "invalid_request_error"}},
    {"authentication_error", 401, {"invalid_request_error", "invalid_api_key"}},
    {"billing_error", 402, {"insufficient_quota", "insufficient_quota"}},
    {"permission_error", 403, {"permission_error", "permission_denied"}},
    {"not_found_error", 404, {"invalid_request_error", "not_found"}},
    {"conflict_error", 409, {"invalid_request_error", "conflict"}},
    {"request_too_large", 413, {"invalid_request_error", "request_too_large"}},
    {"rate_limit_error", 429, {"rate_limit_error", "rate_limit_exceeded"}},
    {"api_error", 500, {"server_error", "server_error"}},
    {"timeout_error", 504, {"server_error", "timeout"}},
    {"overloaded_error", 529, {"server_error", "server_is_overloaded"}},
    {"overloaded_error", 503, {"server_error", "server_is_overloaded"}},
}};

constexpr std::array<Pair, 16> kOpenAiWords{{
    {"invalid_api_key", "authentication_error"},
    {"insufficient_quota", "billing_error"},
    {"billing_hard_limit_reached", "billing_error"},
    {"rate_limit_exceeded", "rate_limit_error"},
    {"rate_limit_error", "rate_limit_error"},
    {"context_length_exceeded", "invalid_request_error"},
    {"invalid_prompt", "invalid_request_error"},
    {"model_not_found", "not_found_error"},
    {"permission_error", "permission_error"},
    {"server_is_overloaded", "overloaded_error"},
    {"slow_down", "overloaded_error"},
    {"authentication_error", "authentication_error"},
    {"server_error", "api_error"},
    {"api_error", "api_error"},
    {"timeout", "timeout_error"},
    {"internal_error", "api_error"},
}};

const ErrorWords* find_error(std::string_view anthropic_type) {
  const auto found = std::ranges::find(kErrors, anthropic_type, &ErrorWords::anthropic);
  return found == kErrors.end() ? nullptr : &*found;
}

const ErrorWords& error_of(int status) {
  const auto found = std::ranges::find(kErrors, status, &ErrorWords::status);
  if (found != kErrors.end()) return *found;
  return *find_error(status >= 400 && status < 500 ? "invalid_request_error" : "api_error");
}

}  // namespace

const json::object* object_in(const json::object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

const json::array* list_in(const json::object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  return value == nullptr ? nullptr : value->if_array();
}

std::string_view text_in(const json::object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  return value == nullptr || !value->is_string() ? std::string_view() : view(value->get_string());
}

std::optional<std::int64_t> optional_count_in(const json::object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const auto number = value->to_number<double>();
  if (!(number > 0)) return 0;
  return number >= static_cast<double>(kCountMax) ? kCountMax : static_cast<std::int64_t>(number);
}

std::int64_t count_in(const json::object& from, std::string_view name) {
  return optional_count_in(from, name).value_or(0);
}

std::optional<json::object> parse_answer(std::string_view text) {
  if (text.size() > kJsonBytesMax) return std::nullopt;
  auto value = parse_json(text, kJsonDepthMax);
  if (value.has_error() || !value->is_object()) return std::nullopt;
  return std::move(value->get_object());
}

std::string_view to_anthropic_effort(std::string_view effort) { return look_up(kToAnthropicEffort, effort); }
std::string_view to_responses_effort(std::string_view effort) { return look_up(kToResponsesEffort, effort); }
std::string_view to_anthropic_tier(std::string_view tier) { return look_up(kToAnthropicTier, tier); }
std::string_view to_responses_tier(std::string_view tier) { return look_up(kToResponsesTier, tier); }
std::string_view to_anthropic_served_tier(std::string_view tier) {
  return look_up(kToAnthropicServedTier, tier, "standard");
}
std::string_view to_responses_served_tier(std::string_view tier) {
  return look_up(kToResponsesServedTier, tier, "default");
}

OpenAiError to_openai_error(int status, std::string_view anthropic_type, std::string_view message) {
  const auto* named = find_error(anthropic_type);
  auto words = (named == nullptr ? error_of(status) : *named).openai;
  if (message.starts_with(kPromptTooLong)) words.code = kContextExceeded;
  return words;
}

std::string_view to_failure_code(std::string_view anthropic_type, std::string_view message) {
  if (message.starts_with(kPromptTooLong)) return kContextExceeded;
  if (anthropic_type == "invalid_request_error") return "invalid_prompt";
  const auto* named = find_error(anthropic_type);
  return named == nullptr ? "server_error" : named->openai.code;
}

std::string_view to_anthropic_error(int status, std::string_view code, std::string_view type) {
  if (const auto found = look_up(kOpenAiWords, code); !found.empty()) return found;
  if (status == 0) return look_up(kOpenAiWords, type, "api_error");
  // "invalid_request_error" is OpenAI's type of a 401 and a 404 too: the status says more.
  return error_of(status).anthropic;
}

std::string shown_message(std::string_view message, int status) {
  if (message.empty()) {
    return status == 0 ? "The upstream reported an error"
                       : "The upstream answered with status " + std::to_string(status);
  }
  auto shown = to_valid_utf8(message, kMessageBytesMax);
  std::ranges::replace_if(
      shown, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return shown;
}

}  // namespace relay::messages_responses
