#include "translate/messages_to_responses_request.h"

#include "crypto/sha256.h"
#include "translate/json_text.h"
#include "translate/messages_responses_words.h"
#include "translate/messages_to_responses_input.h"
#include "translate/messages_to_responses_tools.h"
#include "translate/request_part.h"

namespace relay::messages_responses {
namespace {

namespace json = boost::json;

constexpr std::size_t kSafetyIdentifierBytesMax = 64;
constexpr double kTokensMin = 16;  // OpenAI refuses less
constexpr double kTokensMax = 1e9;
constexpr double kLowBudgetMax = 4'096;
constexpr double kMediumBudgetMax = 16'384;

Result<> check_context_management(const RequestPart& request) {
  if (!request.has("context_management")) return ok;
  TRY(const auto management, request.part("context_management"));
  CHECK(management.only({"edits"}));
  TRY(const auto* edits, management.optional_list("edits"));
  for (std::size_t i = 0; edits != nullptr && i < edits->size(); ++i) {
    TRY(const auto edit, RequestPart::of((*edits)[i], entry_path("context_management.edits", i)));
    TRY(const auto type, edit.text("type"));
    if (!type.starts_with("clear_thinking_")) return edit.refuse("type", "can't be done with this model");
  }
  return ok;
}

Result<> refuse_what_has_no_place(const RequestPart& request) {
  CHECK(request.only({"model", "messages", "system", "max_tokens", "stream", "temperature", "top_p", "tools",
                      "tool_choice", "metadata", "thinking", "output_config", "output_format", "service_tier",
                      "context_management", "cache_control", "stop_sequences", "speed"}));
  CHECK(request.only_text("speed", "standard"));
  TRY(const auto* stops, request.optional_list("stop_sequences"));
  if (stops != nullptr && !stops->empty()) {
    return request.refuse("stop_sequences", "can't be carried to the model that serves this call");
  }
  return check_context_management(request);
}

Result<> carry_sampling(const RequestPart& request, json::object& out) {
  if (!request.has("max_tokens")) return request.refuse("max_tokens", "is required");
  TRY(const auto* tokens, request.optional_number("max_tokens", kTokensMin, kTokensMax));
  TRY(const auto* temperature, request.optional_number("temperature", 0, 1));
  TRY(const auto* top_p, request.optional_number("top_p", 0, 1));
  TRY(const auto stream, request.optional_flag("stream"));
  out["max_output_tokens"] = *tokens;
  if (temperature != nullptr && temperature->to_number<double>() != 1) out["temperature"] = *temperature;
  if (top_p != nullptr) out["top_p"] = *top_p;
  if (stream) out["stream"] = *stream;
  return ok;
}

Result<> carry_user(const RequestPart& request, json::object& out) {
  if (!request.has("metadata")) return ok;
  TRY(const auto metadata, request.part("metadata"));
  CHECK(metadata.only({"user_id"}));
  TRY(const auto id, metadata.optional_text("user_id"));
  if (id) {
    out["safety_identifier"] = id->size() <= kSafetyIdentifierBytesMax ? std::string(*id) : sha256_hex(*id);
  }
  return ok;
}

Result<> carry_tier(const RequestPart& request, json::object& out) {
  TRY(const auto tier, request.optional_text("service_tier"));
  if (!tier) return ok;
  const auto word = to_responses_tier(*tier);
  if (word.empty()) return request.refuse("service_tier", "must be auto or standard_only");
  out["service_tier"] = word;
  return ok;
}

Result<> carry_thinking(const RequestPart& request, json::object& reasoning, MessagesAsked& asked) {
  if (!request.has("thinking")) return ok;
  TRY(const auto thinking, request.part("thinking"));
  CHECK(thinking.only({"type", "budget_tokens", "display"}));
  TRY(const auto type, thinking.text("type"));
  if (type == "disabled") return ok;
  if (type != "adaptive" && type != "enabled")
    return thinking.refuse("type", "must be adaptive, enabled or disabled");
  TRY(const auto* budget, thinking.optional_number("budget_tokens", 0, kTokensMax));
  TRY(const auto display, thinking.optional_text("display"));
  asked.thinking = true;
  if (budget != nullptr) {
    const auto tokens = budget->to_number<double>();
    reasoning["effort"] = tokens <= kLowBudgetMax ? "low" : tokens <= kMediumBudgetMax ? "medium" : "high";
  }
  if (display.value_or("summarized") == "summarized") reasoning["summary"] = "auto";
  return ok;
}

Result<> carry_format(const RequestPart& format, json::object& out) {
  CHECK(format.only({"type", "schema"}));
  TRY(const auto type, format.text("type"));
  if (type != "json_schema") return format.refuse("type", "must be json_schema");
  TRY(const auto schema, format.part("schema"));
  // Responses asks for a name; strict, for Anthropic keeps to the schema always.
  out["text"] = json::object{
      {"format",
       json::object{
           {"type", "json_schema"}, {"name", "answer"}, {"schema", schema.object()}, {"strict", true}}}};
  return ok;
}

Result<> carry_output_config(const RequestPart& request, json::object& out, json::object& reasoning) {
  // The name that the format had while it was a beta.
  if (request.has("output_format")) {
    TRY(const auto format, request.part("output_format"));
    CHECK(carry_format(format, out));
  }
  if (!request.has("output_config")) return ok;
  TRY(const auto config, request.part("output_config"));
  CHECK(config.only({"effort", "format"}));
  TRY(const auto effort, config.optional_text("effort"));
  if (effort) {
    const auto word = to_responses_effort(*effort);
    if (word.empty()) return config.refuse("effort", "must be low, medium, high, xhigh or max");
    reasoning["effort"] = word;
  }
  if (!config.has("format")) return ok;
  TRY(const auto format, config.part("format"));
  return carry_format(format, out);
}

// POST /v1/responses/input_tokens refuses every other name.
json::object what_is_counted(const json::object& request) {
  json::object out;
  for (const std::string_view name : {"model", "input", "instructions", "tools", "tool_choice",
                                      "parallel_tool_calls", "reasoning", "text"}) {
    if (const auto* value = request.if_contains(name)) out[name] = *value;
  }
  return out;
}

}  // namespace

Result<std::string> to_responses_request(std::string_view body, std::string_view model,
                                         MessagesAsked& asked) {
  TRY(const auto parsed, parse_request(body));
  const RequestPart request(parsed.get_object(), {});
  CHECK(refuse_what_has_no_place(request));
  // Anthropic keeps no conversations for its clients to come back to.
  json::object out{{"model", model}, {"store", false}};
  json::object reasoning;
  std::optional<std::string_view> last_effort;
  CHECK(carry_conversation(request, out, last_effort));
  if (!asked.is_count) CHECK(carry_sampling(request, out));
  CHECK(carry_tools(request, out));
  CHECK(carry_thinking(request, reasoning, asked));
  CHECK(carry_output_config(request, out, reasoning));
  if (last_effort) reasoning["effort"] = *last_effort;
  CHECK(carry_user(request, out));
  CHECK(carry_tier(request, out));
  if (!reasoning.empty()) out["reasoning"] = std::move(reasoning);
  if (asked.is_count) return to_json_text(what_is_counted(out));
  // Models that do not reason refuse to be asked for it.
  if (asked.thinking) out["include"] = json::array{"reasoning.encrypted_content"};
  return to_json_text(out);
}

}  // namespace relay::messages_responses
