#include "translate/messages_to_chat_conversation.h"

#include <array>
#include <utility>

namespace relay::chat_translation {
namespace {

using Kind = JsonValue::Kind;

// output_config of the assistant's says how hard an earlier turn was thought about.
constexpr std::array kUserFields{FieldRule{"role"}, FieldRule{"content"}};
constexpr std::array kAssistantFields{FieldRule{"role"}, FieldRule{"content"},
                                      FieldRule{"output_config", Fate::hint}};
constexpr std::array kSystemFields{FieldRule{"role"}, FieldRule{"content"}, FieldRule{"output_config"}};
constexpr std::array kOutputFields{FieldRule{"effort"}};
constexpr std::array kEfforts{WordPair{"low", "low"}, WordPair{"medium", "medium"}, WordPair{"high", "high"},
                              WordPair{"xhigh", "xhigh"}, WordPair{"max", "max"}};
constexpr std::array kCallFields{FieldRule{"type"},   FieldRule{"id"},
                                 FieldRule{"name"},   FieldRule{"input"},
                                 FieldRule{"caller"}, FieldRule{"cache_control", Fate::hint}};
constexpr std::array kCallerFields{FieldRule{"type", Fate::refused, "\"direct\""}};
constexpr std::array kResultFields{FieldRule{"type"}, FieldRule{"tool_use_id"}, FieldRule{"content"},
                                   FieldRule{"is_error"}, FieldRule{"cache_control", Fate::hint}};
constexpr std::array kReferenceFields{FieldRule{"type"}, FieldRule{"tool_name"},
                                      FieldRule{"cache_control", Fate::hint}};

// Claude Code's first block of the system prompt: a header, in the only place that is passed on unchanged.
constexpr std::string_view kBillingHeader = "x-anthropic-billing-header:";

bool is_billing_header(JsonValue block) { return inside(block.find("text")).starts_with(kBillingHeader); }

bool is_thinking(std::string_view type) { return type == "thinking" || type == "redacted_thinking"; }

/// `see(block, its type, its place)` for each block; a string is one text block, given as `see_text(string)`.
template <class See, class SeeText>
Result<> each_block(JsonValue content, const Place& place, See&& see, SeeText&& see_text) {
  if (content.kind() == Kind::string) {
    see_text(content);
    return {};
  }
  if (content.kind() != Kind::array) return refused(place, "must be a string or an array");
  return each_element(content, place, [&](JsonValue block, const Place& here) -> Result<> {
    if (block.kind() != Kind::object) return refused(here, "must be an object");
    TRY(auto type, needed_word(block, here, "type"));
    return see(block, type, here);
  });
}

/// A tool that was held back has been found. Here all are there from the start; the line says which one was
/// meant.
Result<> add_reference(ChatParts& parts, ToolChanges& changes, JsonValue block, const Place& place) {
  CHECK(check_fields(block, place, kReferenceFields));
  TRY(auto name, needed(block, place, "tool_name", Kind::string));
  changes.find(inside(name));
  auto& out = parts.add();
  out.open().member_text("type", "text").key("text").open_text().piece("Tool found: ").piece_of(name);
  out.close_text().close();
  return {};
}

}  // namespace

std::optional<std::string_view> effort_to_chat(std::string_view effort) { return word_for(kEfforts, effort); }

Result<> MessagesConversation::add_system(JsonValue system, const Place& place) {
  ChatParts parts;
  CHECK(each_block(
      system, place,
      [&](JsonValue block, std::string_view type, const Place& here) {
        if (is_billing_header(block)) return Result<>();
        return add_text_only(parts, block, type, here);
      },
      [&](JsonValue text) { parts.add_text(text); }));
  if (!parts.empty()) add_message("system", parts);
  return {};
}

Result<> MessagesConversation::add(JsonValue message, const Place& place) {
  if (message.kind() != Kind::object) return refused(place, "must be an object");
  TRY(auto role, needed_word(message, place, "role"));
  const auto here = place.in("content");
  const auto content = message.find("content");
  ends_with_assistant_ = role == "assistant";
  if (role == "user") {
    CHECK(check_fields(message, place, kUserFields));
    return add_user(content, here);
  }
  if (role == "assistant") {
    CHECK(check_fields(message, place, kAssistantFields));
    has_new_input_ = false;
    return add_assistant(content, here);
  }
  if (role == "system") {
    CHECK(check_fields(message, place, kSystemFields));
    CHECK(change_effort(message, place));
    return add_system_turn(content, here);
  }
  return refused(place.in("role"), kNotCarried);
}

// platform.claude.com, "Per-message effort": behind new input of the user it counts at once, elsewhere from
// the next new input on. Results of tools alone are none.
Result<> MessagesConversation::change_effort(JsonValue message, const Place& place) {
  TRY(auto config, given(message, place, "output_config", Kind::object));
  if (!config) return {};
  const auto here = place.in("output_config");
  CHECK(check_fields(config, here, kOutputFields));
  TRY(auto effort, given_word(config, here, "effort"));
  if (effort.empty()) return {};
  if (!effort_to_chat(effort)) return refused(here.in("effort"), kNotCarried);
  (has_new_input_ ? effort_ : later_effort_) = effort;
  return {};
}

void MessagesConversation::take_new_input() {
  has_new_input_ = true;
  if (!later_effort_.empty()) effort_ = std::exchange(later_effort_, {});
}

Result<> MessagesConversation::finish(const Place& place) {
  // Messages goes on with the assistant's words; Chat can't.
  if (ends_with_assistant_)
    return refused(place, "must not end with a message of the assistant for this model");
  out_.close_list();
  return {};
}

void MessagesConversation::add_message(std::string_view role, const ChatParts& parts) {
  out_.open().member_text("role", role).key("content");
  parts.write_to(out_);
  out_.close();
}

Result<> MessagesConversation::add_system_turn(JsonValue content, const Place& place) {
  ChatParts parts;
  CHECK(each_block(
      content, place,
      [&](JsonValue block, std::string_view type, const Place& here) {
        if (type == "tool_addition") return tool_changes_.add(block, here);
        if (type == "tool_removal") return tool_changes_.remove(block, here);
        return add_text_only(parts, block, type, here);
      },
      [&](JsonValue text) { parts.add_text(text); }));
  if (!parts.empty()) add_message("system", parts);
  return {};
}

Result<> MessagesConversation::add_user(JsonValue content, const Place& place) {
  UserTurn turn;
  CHECK(each_block(
      content, place,
      [&](JsonValue block, std::string_view type, const Place& here) {
        if (type == "tool_result") return add_result(turn, block, here);
        return add_user_block(turn.parts, block, type, here);
      },
      [&](JsonValue text) { turn.parts.add_text(text); }));
  has_new_input_ = false;
  if (!turn.parts.empty() || !turn.has_results) take_new_input();
  if (turn.of_results.empty()) {
    if (!turn.parts.empty() || !turn.has_results) add_message("user", turn.parts);
    return {};
  }
  turn.parts.move_to(turn.of_results);
  add_message("user", turn.of_results);
  return {};
}

Result<> MessagesConversation::add_result(UserTurn& turn, JsonValue block, const Place& place) {
  CHECK(check_fields(block, place, kResultFields));
  TRY(auto id, needed(block, place, "tool_use_id", Kind::string));
  TRY(auto is_error, given_flag(block, place, "is_error"));
  turn.has_results = true;
  ChatParts texts;
  ChatParts others;
  if (is_error) texts.add_words("Error:");
  const auto content = block.find("content");
  if (content && content.kind() != Kind::null) {
    CHECK(each_block(
        content, place.in("content"),
        [&](JsonValue inner, std::string_view type, const Place& here) {
          if (type == "text") return add_text_only(texts, inner, type, here);
          if (type == "tool_reference") return add_reference(texts, tool_changes_, inner, here);
          return add_user_block(others, inner, type, here);
        },
        [&](JsonValue text) { texts.add_text(text); }));
  }
  if (!others.empty()) {
    texts.add_words("The next message of the user has what this result shows.");
    auto& words = turn.of_results.add();
    words.open().member_text("type", "text").key("text").open_text();
    words.piece("Shown by the result of ").piece_of(id).piece(":").close_text().close();
    others.move_to(turn.of_results);
  }
  out_.open().member_text("role", "tool").member("tool_call_id", id).key("content");
  texts.write_to(out_);
  out_.close();
  return {};
}

Result<> MessagesConversation::add_assistant(JsonValue content, const Place& place) {
  ChatParts texts;
  bool calls = false;
  CHECK(each_block(
      content, place,
      [&](JsonValue block, std::string_view type, const Place& here) {
        if (is_thinking(type)) return Result<>();
        if (type == "tool_use") return calls = true, Result<>();
        return add_text_only(texts, block, type, here);
      },
      [&](JsonValue text) { texts.add_text(text); }));
  out_.open().member_text("role", "assistant").key("content");
  if (texts.empty() && calls) {
    out_.raw("null");
  } else {
    texts.write_to(out_);
  }
  if (calls) CHECK(add_calls(content, place));
  out_.close();
  return {};
}

Result<> MessagesConversation::add_calls(JsonValue content, const Place& place) {
  out_.key("tool_calls").open_list();
  CHECK(each_element(content, place, [this](JsonValue block, const Place& here) {
    return inside(block.find("type")) == "tool_use" ? add_call(block, here) : Result<>();
  }));
  out_.close_list();
  return {};
}

Result<> MessagesConversation::add_call(JsonValue block, const Place& place) {
  CHECK(check_fields(block, place, kCallFields));
  TRY(auto caller, given(block, place, "caller", Kind::object));
  if (caller) CHECK(check_fields(caller, place.in("caller"), kCallerFields));
  TRY(auto id, needed(block, place, "id", Kind::string));
  TRY(auto name, needed(block, place, "name", Kind::string));
  TRY(auto input, needed(block, place, "input", Kind::object));
  out_.open().member("id", id).member_text("type", "function").key("function").open();
  out_.member("name", name).member_text("arguments", input.raw()).close().close();
  return {};
}

}  // namespace relay::chat_translation
