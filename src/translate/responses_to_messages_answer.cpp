#include "translate/responses_to_messages_answer.h"

#include "translate/json_text.h"
#include "translate/messages_responses_words.h"

#include <boost/json/array.hpp>

#include <algorithm>

namespace relay::messages_responses {
namespace {

namespace json = boost::json;

/// The content of a message while its items are read.
struct Content {
  json::array blocks{};
  bool calls_tool = false;
  bool refuses = false;
};

bool add_part(const json::object& part, Content& content) {
  const auto type = text_in(part, "type");
  if (type != "output_text" && type != "refusal") return false;
  const bool refuses = type == "refusal";
  content.refuses = content.refuses || refuses;
  const auto text = text_in(part, refuses ? "refusal" : "text");
  content.blocks.push_back(json::object{{"type", "text"}, {"text", text}});
  return true;
}

bool add_message(const json::object& item, Content& content) {
  const auto* parts = list_in(item, "content");
  return parts != nullptr && std::ranges::all_of(*parts, [&](const json::value& part) {
           return part.is_object() && add_part(part.get_object(), content);
         });
}

bool add_call(const json::object& item, Content& content) {
  const auto id = text_in(item, "call_id");
  const auto arguments = text_in(item, "arguments");
  auto input = arguments.empty() ? json::object() : parse_answer(arguments);
  if (id.empty() || !input) return false;
  content.calls_tool = true;
  content.blocks.push_back(json::object{
      {"type", "tool_use"}, {"id", id}, {"name", text_in(item, "name")}, {"input", std::move(*input)}});
  return true;
}

bool add_item(const json::object& item, const MessagesAsked& asked, Content& content) {
  const auto type = text_in(item, "type");
  if (type == "message") return add_message(item, content);
  if (type == "function_call") return add_call(item, content);
  if (type != "reasoning") return false;
  if (asked.thinking) {
    content.blocks.push_back(json::object{
        {"type", "thinking"}, {"thinking", to_thought(item)}, {"signature", to_signature(item)}});
  }
  return true;
}

void append_texts(const json::object& item, std::string_view list, std::string& text) {
  const auto* parts = list_in(item, list);
  if (parts == nullptr) return;
  for (const auto& part : *parts) {
    const auto* object = part.if_object();
    if (object == nullptr) continue;
    if (!text.empty()) text += "\n\n";
    text += text_in(*object, "text");
  }
}

}  // namespace

std::string to_thought(const json::object& reasoning_item) {
  std::string text;
  append_texts(reasoning_item, "summary", text);
  append_texts(reasoning_item, "content", text);
  return text;
}

std::string to_signature(const json::object& reasoning_item) {
  const auto sealed = text_in(reasoning_item, "encrypted_content");
  if (sealed.empty()) return {};
  std::string signature(kReasoningMark);
  signature += text_in(reasoning_item, "id");
  signature += ":";
  signature += sealed;
  return signature;
}

std::string to_message_id(std::string_view response_id) {
  constexpr std::string_view kPrefix = "resp_";
  if (response_id.starts_with(kPrefix)) response_id.remove_prefix(kPrefix.size());
  return "msg_" + std::string(response_id);
}

json::object to_message_usage(const json::object& response) {
  const json::object none;
  const auto* usage = object_in(response, "usage");
  if (usage == nullptr) usage = &none;
  const auto* input_details = object_in(*usage, "input_tokens_details");
  const auto* output_details = object_in(*usage, "output_tokens_details");
  const auto cached = input_details == nullptr ? 0 : count_in(*input_details, "cached_tokens");
  const auto written = input_details == nullptr ? 0 : count_in(*input_details, "cache_write_tokens");
  const auto thought = output_details == nullptr ? 0 : count_in(*output_details, "reasoning_tokens");
  // OpenAI's input has what was cached in it, Anthropic's has not.
  const auto input = std::max<std::int64_t>(count_in(*usage, "input_tokens") - cached - written, 0);
  return {{"input_tokens", input},
          {"cache_creation_input_tokens", written},
          {"cache_read_input_tokens", cached},
          {"output_tokens", count_in(*usage, "output_tokens")},
          {"output_tokens_details", json::object{{"thinking_tokens", thought}}},
          {"service_tier", to_anthropic_served_tier(text_in(response, "service_tier"))}};
}

std::string_view to_stop_reason(std::string_view status, const json::object& response, bool calls_tool,
                                bool refuses) {
  if (status == "incomplete") {
    const auto* details = object_in(response, "incomplete_details");
    const auto reason = details == nullptr ? std::string_view() : text_in(*details, "reason");
    return reason == "content_filter" ? "refusal" : "max_tokens";
  }
  if (refuses) return "refusal";
  return calls_tool ? "tool_use" : "end_turn";
}

std::optional<std::string> to_message(const json::object& response, const MessagesAsked& asked) {
  const auto status = text_in(response, "status");
  const auto* output = list_in(response, "output");
  if (output == nullptr || (status != "completed" && status != "incomplete")) return std::nullopt;
  Content content;
  for (const auto& item : *output) {
    if (!item.is_object() || !add_item(item.get_object(), asked, content)) return std::nullopt;
  }
  const auto stop_reason = to_stop_reason(status, response, content.calls_tool, content.refuses);
  return to_json_text(json::object{{"id", to_message_id(text_in(response, "id"))},
                                   {"type", "message"},
                                   {"role", "assistant"},
                                   {"model", text_in(response, "model")},
                                   {"content", std::move(content.blocks)},
                                   {"stop_reason", stop_reason},
                                   {"stop_sequence", nullptr},
                                   {"usage", to_message_usage(response)}});
}

}  // namespace relay::messages_responses
