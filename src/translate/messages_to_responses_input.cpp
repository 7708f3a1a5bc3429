#include "translate/messages_to_responses_input.h"

#include "translate/json_text.h"
#include "translate/messages_responses_words.h"
#include "translate/messages_to_responses_parts.h"

#include <optional>
#include <string_view>
#include <utility>

namespace relay::messages_responses {
namespace {

namespace json = boost::json;

constexpr auto kNotCarried = "can't be carried to the model that serves this call";

/// The items of one message: what is said in a row is one item.
class Items {
 public:
  Items(std::string_view role, json::array& input) : role_(role), input_(input) {}

  void say(json::object part) { parts_.push_back(std::move(part)); }
  void add(json::object item) {
    finish();
    input_.push_back(std::move(item));
  }
  void finish() {
    if (parts_.empty()) return;
    input_.push_back(
        json::object{{"type", "message"}, {"role", role_}, {"content", std::exchange(parts_, {})}});
  }

 private:
  std::string_view role_;
  json::array& input_;
  json::array parts_;
};

Result<json::object> result_part(const RequestPart& block) {
  TRY(const auto type, block.text("type"));
  if (type != "tool_reference") return to_input_part(block);
  CHECK(block.only({"type", "tool_name", "cache_control"}));
  TRY(const auto name, block.text("tool_name"));
  return input_text("The tool " + std::string(name) + " is loaded.");
}

Result<json::array> result_parts(const RequestPart& block) {
  json::array parts;
  const auto* content = block.find("content");
  if (content == nullptr) return parts;
  if (content->is_string()) {
    parts.push_back(input_text(view(content->get_string())));
    return parts;
  }
  TRY(const auto* blocks, block.optional_list("content"));
  const auto path = block.path_of("content");
  for (std::size_t i = 0; i < blocks->size(); ++i) {
    TRY(const auto one, RequestPart::of((*blocks)[i], entry_path(path, i)));
    TRY(auto part, result_part(one));
    parts.push_back(std::move(part));
  }
  return parts;
}

Result<json::object> output_of(const RequestPart& block) {
  CHECK(block.only({"type", "tool_use_id", "content", "is_error", "cache_control"}));
  TRY(const auto id, block.text("tool_use_id"));
  TRY(const auto has_failed, block.optional_flag("is_error"));
  TRY(auto parts, result_parts(block));
  json::object item{{"type", "function_call_output"}, {"call_id", id}};
  const auto* content = block.find("content");
  if (has_failed.value_or(false)) {
    parts.insert(parts.begin(), input_text(kToolFailed));
    item["output"] = std::move(parts);
  } else if (content == nullptr) {
    item["output"] = "";
  } else if (content->is_string()) {
    item["output"] = *content;
  } else {
    item["output"] = std::move(parts);
  }
  return item;
}

Result<json::object> call_of(const RequestPart& block) {
  CHECK(block.only({"type", "id", "name", "input", "cache_control", "caller"}));
  TRY(const auto id, block.text("id"));
  TRY(const auto name, block.text("name"));
  TRY(const auto input, block.part("input"));
  if (block.has("caller")) {
    TRY(const auto caller, block.part("caller"));
    CHECK(caller.only_text("type", "direct"));
  }
  return json::object{{"type", "function_call"},
                      {"call_id", id},
                      {"name", name},
                      {"arguments", to_json_text(input.object())}};
}

/// Nothing for a thought of Claude's own.
Result<std::optional<json::object>> thought_of(const RequestPart& block) {
  CHECK(block.only({"type", "thinking", "signature", "cache_control"}));
  TRY(const auto text, block.text("thinking"));
  TRY(const auto signature, block.optional_text("signature"));
  auto seal = signature.value_or("");
  if (!seal.starts_with(kReasoningMark)) return std::optional<json::object>();
  seal.remove_prefix(kReasoningMark.size());
  const auto colon = seal.find(':');
  if (colon == std::string_view::npos) return block.refuse("signature", "must be as it was given");
  json::array summary;
  if (!text.empty()) summary.push_back(json::object{{"type", "summary_text"}, {"text", text}});
  return std::optional(json::object{{"type", "reasoning"},
                                    {"id", seal.substr(0, colon)},
                                    {"summary", std::move(summary)},
                                    {"encrypted_content", seal.substr(colon + 1)}});
}

Result<> carry_users_block(const RequestPart& block, Items& items) {
  TRY(const auto type, block.text("type"));
  if (type == "tool_result") {
    TRY(auto output, output_of(block));
    items.add(std::move(output));
    return ok;
  }
  TRY(auto part, to_input_part(block));
  items.say(std::move(part));
  return ok;
}

Result<> carry_assistants_block(const RequestPart& block, Items& items) {
  TRY(const auto type, block.text("type"));
  if (type == "text") {
    TRY(auto part, to_input_part(block));
    part["type"] = "output_text";
    items.say(std::move(part));
  } else if (type == "tool_use") {
    TRY(auto call, call_of(block));
    items.add(std::move(call));
  } else if (type == "thinking") {
    TRY(auto thought, thought_of(block));
    if (thought) items.add(std::move(*thought));
  } else if (type != "redacted_thinking") {
    return block.refuse("type", kNotCarried);
  }
  return ok;
}

Result<> carry_systems_block(const RequestPart& block, Items& items) {
  CHECK(block.only_text("type", "text"));
  TRY(auto part, to_input_part(block));
  items.say(std::move(part));
  return ok;
}

using CarryBlock = Result<> (*)(const RequestPart&, Items&);

Result<> carry_content(const RequestPart& from, std::string_view member, CarryBlock carry, Items& items) {
  TRY(const auto* blocks, from.optional_list(member));
  if (blocks == nullptr) return from.refuse(member, "is required");
  const auto path = from.path_of(member);
  for (std::size_t i = 0; i < blocks->size(); ++i) {
    TRY(const auto block, RequestPart::of((*blocks)[i], entry_path(path, i)));
    CHECK(carry(block, items));
  }
  items.finish();
  return ok;
}

Result<> read_effort(const RequestPart& message, std::optional<std::string_view>& effort) {
  if (!message.has("output_config")) return ok;
  TRY(const auto config, message.part("output_config"));
  CHECK(config.only({"effort"}));
  TRY(const auto given, config.optional_text("effort"));
  if (!given) return ok;
  const auto word = to_responses_effort(*given);
  if (word.empty()) return config.refuse("effort", "must be low, medium, high, xhigh or max");
  effort = word;
  return ok;
}

Result<> carry_message(const RequestPart& message, json::array& input,
                       std::optional<std::string_view>& effort) {
  TRY(const auto role, message.text("role"));
  if (role == "system") {
    CHECK(message.only({"role", "content", "output_config"}));
    CHECK(read_effort(message, effort));
  } else {
    CHECK(message.only({"role", "content"}));
  }
  const bool is_assistant = role == "assistant";
  const bool is_system = role == "system";
  if (!is_assistant && !is_system && role != "user") {
    return message.refuse("role", "must be user, assistant or system");
  }
  Items items(is_system ? "developer" : role, input);
  if (const auto* content = message.find("content"); content != nullptr && content->is_string()) {
    auto part = input_text(view(content->get_string()));
    if (is_assistant) part["type"] = "output_text";
    items.say(std::move(part));
    items.finish();
    return ok;
  }
  if (is_assistant) return carry_content(message, "content", carry_assistants_block, items);
  return carry_content(message, "content", is_system ? carry_systems_block : carry_users_block, items);
}

Result<> carry_system(const RequestPart& request, json::object& out, json::array& input) {
  const auto* system = request.find("system");
  if (system == nullptr) return ok;
  if (system->is_string()) {
    if (!system->get_string().empty()) out["instructions"] = *system;
    return ok;
  }
  Items items("developer", input);
  return carry_content(request, "system", carry_systems_block, items);
}

}  // namespace

Result<> carry_conversation(const RequestPart& request, json::object& out,
                            std::optional<std::string_view>& effort) {
  json::array input;
  CHECK(carry_system(request, out, input));
  TRY(const auto* messages, request.optional_list("messages"));
  if (messages == nullptr) return request.refuse("messages", "is required");
  for (std::size_t i = 0; i < messages->size(); ++i) {
    TRY(const auto message, RequestPart::of((*messages)[i], entry_path("messages", i)));
    CHECK(carry_message(message, input, effort));
  }
  out["input"] = std::move(input);
  return ok;
}

}  // namespace relay::messages_responses
