#include "translate/responses_to_messages_request.h"

#include "crypto/sha256.h"
#include "translate/json_text.h"
#include "translate/messages_responses_words.h"
#include "translate/responses_to_messages_input.h"

namespace relay::messages_responses {
namespace {

namespace json = boost::json;

constexpr std::size_t kUserIdBytesMax = 256;  // of Anthropic's metadata.user_id
constexpr double kTokensMax = 1e9;

Result<> refuse_what_has_no_place(const RequestPart& request) {
  CHECK(request.only({"model",
                      "input",
                      "instructions",
                      "tools",
                      "tool_choice",
                      "parallel_tool_calls",
                      "reasoning",
                      "text",
                      "temperature",
                      "top_p",
                      "max_output_tokens",
                      "stream",
                      "user",
                      "safety_identifier",
                      "service_tier",
                      "include",
                      "metadata",
                      "store",
                      "prompt_cache_key",
                      "prompt_cache_retention",
                      "prompt_cache_options",
                      "client_metadata",
                      "stream_options",
                      "truncation",
                      "background",
                      "top_logprobs"}));
  CHECK(request.only_text("truncation", "disabled"));
  TRY(const auto background, request.optional_flag("background"));
  if (background.value_or(false)) return request.refuse("background", "must be false with this model");
  CHECK(request.optional_number("top_logprobs", 0, 0));
  return ok;
}

Result<> carry_sampling(const RequestPart& request, json::object& out) {
  TRY(const auto* tokens, request.optional_number("max_output_tokens", 1, kTokensMax));
  TRY(const auto* temperature, request.optional_number("temperature", 0, 1));
  TRY(const auto* top_p, request.optional_number("top_p", 0, 1));
  TRY(const auto stream, request.optional_flag("stream"));
  out["max_tokens"] = tokens == nullptr ? json::value(kOutputTokensUnlessSaid) : *tokens;
  if (temperature != nullptr) out["temperature"] = *temperature;
  if (top_p != nullptr) out["top_p"] = *top_p;
  if (stream) out["stream"] = *stream;
  return ok;
}

Result<> carry_user(const RequestPart& request, json::object& out) {
  TRY(const auto user, request.optional_text("user"));
  TRY(const auto identifier, request.optional_text("safety_identifier"));
  const auto id = identifier ? identifier : user;
  if (!id) return ok;
  out["metadata"] =
      json::object{{"user_id", id->size() <= kUserIdBytesMax ? std::string(*id) : sha256_hex(*id)}};
  return ok;
}

Result<> carry_tier(const RequestPart& request, json::object& out) {
  TRY(const auto tier, request.optional_text("service_tier"));
  if (!tier) return ok;
  const auto word = to_anthropic_tier(*tier);
  if (word.empty())
    return request.refuse("service_tier", "must be auto, default or priority with this model");
  out["service_tier"] = word;
  return ok;
}

Result<> read_include(const RequestPart& request, ResponsesAsked& asked) {
  TRY(const auto* include, request.optional_list("include"));
  for (std::size_t i = 0; include != nullptr && i < include->size(); ++i) {
    if ((*include)[i] != "reasoning.encrypted_content") {
      return not_carried(entry_path("include", i), "can't be had from the model that serves this call");
    }
    asked.encrypted_reasoning = true;
  }
  return ok;
}

Result<> carry_reasoning(const RequestPart& request, json::object& out, json::object& output_config) {
  if (!request.has("reasoning")) return ok;
  TRY(const auto reasoning, request.part("reasoning"));
  CHECK(reasoning.only({"effort", "summary", "generate_summary"}));
  TRY(const auto effort, reasoning.optional_text("effort"));
  TRY(const auto summary, reasoning.optional_text("summary"));
  TRY(const auto old_summary, reasoning.optional_text("generate_summary"));
  if (effort && *effort == "none") {
    out["thinking"] = json::object{{"type", "disabled"}};
    return ok;
  }
  if (effort) {
    const auto word = to_anthropic_effort(*effort);
    if (word.empty()) return reasoning.refuse("effort", "must be none, minimal, low, medium, high or xhigh");
    output_config["effort"] = word;
  }
  const bool is_shown = (summary && *summary != "none") || old_summary;
  if (!forces_a_tool(out) && (effort || is_shown)) {
    out["thinking"] = json::object{{"type", "adaptive"}, {"display", is_shown ? "summarized" : "omitted"}};
  }
  return ok;
}

// The description has no place beside the schema, but one in it.
Result<> describe(const RequestPart& format, json::object& schema) {
  TRY(const auto description, format.optional_text("description"));
  if (!description) return ok;
  if (schema.contains("description")) {
    return format.refuse("description", "can't be carried beside a description in the schema");
  }
  schema["description"] = *description;
  return ok;
}

Result<> carry_format(const RequestPart& format, json::object& output_config) {
  TRY(const auto type, format.text("type"));
  if (type == "text") return ok;
  if (type != "json_schema") return format.refuse("type", "must be text or json_schema with this model");
  CHECK(format.only({"type", "name", "schema", "strict", "description"}));
  TRY(const auto schema, format.part("schema"));
  auto carried = schema.object();
  CHECK(describe(format, carried));
  output_config["format"] = json::object{{"type", "json_schema"}, {"schema", std::move(carried)}};
  return ok;
}

Result<> carry_text(const RequestPart& request, json::object& output_config) {
  if (!request.has("text")) return ok;
  TRY(const auto text, request.part("text"));
  CHECK(text.only({"format", "verbosity"}));
  CHECK(text.only_text("verbosity", "medium"));
  if (!text.has("format")) return ok;
  TRY(const auto format, text.part("format"));
  return carry_format(format, output_config);
}

void remember(const RequestPart& request, json::object& echo) {
  for (const std::string_view name :
       {"max_output_tokens", "metadata", "parallel_tool_calls", "prompt_cache_key", "reasoning",
        "safety_identifier", "temperature", "text", "tool_choice", "top_p", "user"}) {
    if (const auto* value = request.find(name)) echo[name] = *value;
  }
}

}  // namespace

Result<std::string> to_messages_request(std::string_view body, std::string_view model,
                                        ResponsesAsked& asked) {
  TRY(const auto parsed, parse_request(body));
  const RequestPart request(parsed.get_object(), {});
  CHECK(refuse_what_has_no_place(request));
  json::object out{{"model", model}};
  json::object output_config;
  CHECK(carry_sampling(request, out));
  CHECK(carry_input(request, out));
  CHECK(carry_tools(request, asked.tools, out));
  CHECK(carry_reasoning(request, out, output_config));
  CHECK(carry_text(request, output_config));
  CHECK(carry_user(request, out));
  CHECK(carry_tier(request, out));
  CHECK(read_include(request, asked));
  if (!output_config.empty()) out["output_config"] = std::move(output_config);
  remember(request, asked.echo);
  return to_json_text(out);
}

}  // namespace relay::messages_responses
