#include "translate/responses_to_messages_input.h"

#include "json/json_index.h"
#include "json/parse.h"
#include "translate/messages_responses_words.h"
#include "translate/responses_to_messages_parts.h"
#include "translate/responses_to_messages_tools.h"

#include <utility>

namespace relay::messages_responses {
namespace {

namespace json = boost::json;

/// Puts what is said into messages whose roles alternate.
class Conversation {
 public:
  void say(std::string_view role, json::array blocks) {
    if (blocks.empty()) return;
    if (role == "system" && messages_.empty() && is_empty()) return append(system_, std::move(blocks));
    turn_to(role);
    append(blocks_, std::move(blocks));
  }
  /// Anthropic wants the results before whatever else the message says.
  void give_result(json::object block) {
    turn_to("user");
    results_.push_back(std::move(block));
  }
  void finish(json::object& out) {
    turn_to("");
    if (!system_.empty()) out["system"] = std::move(system_);
    out["messages"] = std::move(messages_);
  }
  json::array& system() { return system_; }

 private:
  static void append(json::array& to, json::array blocks) {
    for (auto& block : blocks) to.push_back(std::move(block));
  }
  bool is_empty() const { return results_.empty() && blocks_.empty(); }
  void turn_to(std::string_view role) {
    if (role == role_) return;
    append(results_, std::exchange(blocks_, {}));
    if (!results_.empty()) {
      messages_.push_back(json::object{{"role", role_}, {"content", std::exchange(results_, {})}});
    }
    role_ = role;
  }

  json::array system_;
  json::array messages_;
  std::string role_;  // of the message at hand
  json::array results_;
  json::array blocks_;
};

json::array only_block(json::object block) {
  json::array blocks;
  blocks.push_back(std::move(block));
  return blocks;
}

Result<> carry_message(const RequestPart& item, Conversation& conversation) {
  CHECK(item.only({"type", "role", "content", "id", "status", "phase"}));
  TRY(const auto role, item.text("role"));
  const bool is_known = role == "user" || role == "assistant" || role == "system" || role == "developer";
  if (!is_known) return item.refuse("role", "must be user, assistant, system or developer");
  json::array blocks;
  CHECK(carry_parts(item, "content", blocks));
  conversation.say(role == "developer" ? "system" : role, std::move(blocks));
  return ok;
}

Result<json::object> arguments(const RequestPart& item) {
  TRY(const auto text, item.text("arguments"));
  if (text.empty()) return json::object();
  auto parsed = parse_json(text, kJsonDepthMax);
  if (parsed.has_error() || !parsed->is_object()) return item.refuse("arguments", "must be a JSON object");
  return std::move(parsed->get_object());
}

Result<> carry_call(const RequestPart& item, Conversation& conversation) {
  CHECK(item.only({"type", "call_id", "name", "namespace", "arguments", "id", "status"}));
  TRY(const auto id, item.text("call_id"));
  TRY(const auto name, item.text("name"));
  TRY(const auto name_space, item.optional_text("namespace"));
  TRY(auto input, arguments(item));
  conversation.say("assistant", only_block({{"type", "tool_use"},
                                            {"id", id},
                                            {"name", ToolNames::flat(name_space.value_or(""), name)},
                                            {"input", std::move(input)}}));
  return ok;
}

// messages_to_responses marks the result of a tool that failed: Responses has no flag for it.
bool take_failure_mark(json::array& blocks) {
  if (blocks.empty()) return false;
  const auto& first = blocks.front().get_object();
  if (text_in(first, "text") != kToolFailed) return false;
  blocks.erase(blocks.begin());
  return true;
}

Result<> carry_result(const RequestPart& item, Conversation& conversation) {
  CHECK(item.only({"type", "call_id", "output", "id", "status", "name", "namespace"}));
  TRY(const auto id, item.text("call_id"));
  json::array blocks;
  CHECK(carry_parts(item, "output", blocks));
  json::object result{{"type", "tool_result"}, {"tool_use_id", id}};
  if (take_failure_mark(blocks)) result["is_error"] = true;
  if (item.find("output")->is_string() && !blocks.empty()) {
    result["content"] = blocks.front().get_object()["text"];
  } else {
    result["content"] = std::move(blocks);
  }
  conversation.give_result(std::move(result));
  return ok;
}

Result<std::string> summary_text(const RequestPart& item) {
  TRY(const auto* summary, item.optional_list("summary"));
  std::string text;
  for (std::size_t i = 0; summary != nullptr && i < summary->size(); ++i) {
    TRY(const auto part, RequestPart::of((*summary)[i], entry_path(item.path_of("summary"), i)));
    TRY(const auto piece, part.text("text"));
    if (i > 0) text += "\n\n";
    text += piece;
  }
  return text;
}

Result<> carry_reasoning(const RequestPart& item, Conversation& conversation) {
  CHECK(item.only({"type", "id", "summary", "content", "encrypted_content", "status"}));
  TRY(const auto sealed, item.optional_text("encrypted_content"));
  TRY(auto text, summary_text(item));
  const auto seal = sealed.value_or("");
  if (seal.starts_with(kThinkingMark)) {
    conversation.say("assistant", only_block({{"type", "thinking"},
                                              {"thinking", std::move(text)},
                                              {"signature", seal.substr(kThinkingMark.size())}}));
  } else if (seal.starts_with(kRedactedMark)) {
    conversation.say("assistant", only_block({{"type", "redacted_thinking"},
                                              {"data", seal.substr(kRedactedMark.size())}}));
  }
  return ok;
}

Result<> carry_item(const RequestPart& item, Conversation& conversation) {
  TRY(const auto type, item.optional_text("type"));
  if (!type || *type == "message") return carry_message(item, conversation);
  if (*type == "function_call") return carry_call(item, conversation);
  if (*type == "function_call_output") return carry_result(item, conversation);
  if (*type == "reasoning") return carry_reasoning(item, conversation);
  if (*type == "web_search_call") return item.only({"type", "id", "status", "action"});
  return item.refuse("type", "can't be carried to the model that serves this call");
}

Result<> carry_items(const RequestPart& request, Conversation& conversation) {
  TRY(const auto* items, request.optional_list("input"));
  for (std::size_t i = 0; items != nullptr && i < items->size(); ++i) {
    TRY(const auto item, RequestPart::of((*items)[i], entry_path("input", i)));
    CHECK(carry_item(item, conversation));
  }
  return ok;
}

}  // namespace

Result<> carry_input(const RequestPart& request, json::object& out) {
  Conversation conversation;
  TRY(const auto instructions, request.optional_text("instructions"));
  const auto* input = request.find("input");
  if (input == nullptr) return request.refuse("input", "is required");
  if (input->is_string()) {
    TRY(const auto text, request.text("input"));
    if (!text.empty()) conversation.say("user", only_block(text_block(text)));
  } else {
    CHECK(carry_items(request, conversation));
  }
  auto& system = conversation.system();
  const bool is_only_prompt = system.empty();
  if (instructions && !instructions->empty() && !is_only_prompt) {
    system.insert(system.begin(), text_block(*instructions));
  }
  conversation.finish(out);
  if (instructions && !instructions->empty() && is_only_prompt) out["system"] = *instructions;
  return ok;
}

}  // namespace relay::messages_responses
