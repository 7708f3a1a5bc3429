#include "translate/chat_to_messages_conversation.h"

#include "translate/chat_to_messages_parts.h"

#include <array>

namespace relay::chat_translation {
namespace {

using Kind = JsonValue::Kind;

constexpr std::array kPlainFields{FieldRule{"role"}, FieldRule{"content"}, FieldRule{"name", Fate::refused}};
// The name of a result's tool is that of its call.
constexpr std::array kResultFields{FieldRule{"role"}, FieldRule{"content"}, FieldRule{"tool_call_id"},
                                   FieldRule{"name", Fate::hint}};
constexpr std::array kAssistantFields{
    FieldRule{"role"},
    FieldRule{"content"},
    FieldRule{"refusal"},
    FieldRule{"tool_calls"},
    FieldRule{"name", Fate::refused},
    FieldRule{"audio", Fate::refused},
    FieldRule{"function_call", Fate::refused},
    FieldRule{"annotations", Fate::hint},
    FieldRule{"reasoning_content", Fate::hint},
    FieldRule{"reasoning", Fate::hint},
    // Clients send an answer back as they parsed it; the streamed form has its calls' index in it.
    FieldRule{"parsed", Fate::hint},
};
constexpr std::array kCallFields{FieldRule{"id"}, FieldRule{"type"}, FieldRule{"function"},
                                 FieldRule{"index", Fate::hint}};
constexpr std::array kFunctionFields{FieldRule{"name"}, FieldRule{"arguments"},
                                     FieldRule{"parsed_arguments", Fate::hint}};

bool is_there(JsonValue value) { return value && value.kind() != Kind::null; }

}  // namespace

Result<> ChatConversation::add(JsonValue message, const Place& place) {
  if (message.kind() != Kind::object) return refused(place, "must be an object");
  TRY(auto role, needed_word(message, place, "role"));
  if (role == "user") return add_user(message, place);
  if (role == "assistant") return add_assistant(message, place);
  if (role == "tool") return add_result(message, place);
  if (role == "system" || role == "developer") return add_system(message, place);
  return refused(place.in("role"), kNotCarried);
}

Result<> ChatConversation::finish(const Place& place) {
  // Messages would go on with the assistant's words, Chat begins an answer of its own.
  if (turn_ == Turn::assistant) return refused(place, "must not end with a message of the assistant");
  end_turn();
  out_.close_list();
  if (!system_.empty()) system_ += ']';
  return {};
}

void ChatConversation::begin(Turn turn) {
  if (turn == Turn::results && turn_ == Turn::results) return;
  if (turn == Turn::user && turn_ == Turn::results) {
    turn_ = Turn::user;
    return;
  }
  end_turn();
  turn_ = turn;
  const auto* const role = turn == Turn::assistant ? "assistant" : turn == Turn::system ? "system" : "user";
  out_.open().member_text("role", role).key("content").open_list();
}

void ChatConversation::end_turn() {
  if (turn_ == Turn::none) return;
  out_.close_list().close();
}

Result<> ChatConversation::add_system(JsonValue message, const Place& place) {
  CHECK(check_fields(message, place, kPlainFields));
  const auto here = place.in("content");
  const auto content = message.find("content");
  if (!is_there(content)) return refused(here, "must be a string or an array");
  std::string blocks;
  JsonText out(blocks);
  CHECK(add_blocks(out, content, here, ChatAuthor::system));
  if (blocks.empty()) return {};
  if (turn_ == Turn::none) {
    system_ += system_.empty() ? '[' : ',';
    system_ += blocks;
  } else {
    begin(Turn::system);
    out_.raw(blocks);
  }
  return {};
}

Result<> ChatConversation::add_user(JsonValue message, const Place& place) {
  CHECK(check_fields(message, place, kPlainFields));
  begin(Turn::user);
  const auto before = turns_.size();
  const auto here = place.in("content");
  CHECK(add_blocks(out_, message.find("content"), here, ChatAuthor::user));
  if (turns_.size() == before) return refused(here, "must not be empty");
  return {};
}

Result<> ChatConversation::add_assistant(JsonValue message, const Place& place) {
  CHECK(check_fields(message, place, kAssistantFields));
  TRY(auto refusal, given(message, place, "refusal", Kind::string));
  TRY(auto calls, given(message, place, "tool_calls", Kind::array));
  begin(Turn::assistant);
  const auto before = turns_.size();
  CHECK(add_blocks(out_, message.find("content"), place.in("content"), ChatAuthor::assistant));
  add_text_block(out_, refusal);
  const auto here = place.in("tool_calls");
  CHECK(each_element(calls, here, [this](JsonValue call, const Place& at) { return add_call(call, at); }));
  if (turns_.size() == before) return refused(place.in("content"), "must not be empty");
  return {};
}

Result<> ChatConversation::add_call(JsonValue call, const Place& place) {
  CHECK(check_fields(call, place, kCallFields));
  TRY(auto type, given_word(call, place, "type"));
  if (!type.empty() && type != "function") return refused(place.in("type"), kNotCarried);
  TRY(auto id, needed(call, place, "id", Kind::string));
  const auto here = place.in("function");
  const auto function = call.find("function");
  CHECK(check_fields(function, here, kFunctionFields));
  TRY(auto name, needed(function, here, "name", Kind::string));
  out_.open().member_text("type", "tool_use").member("id", id).member("name", name);
  CHECK(add_arguments(function, here));
  out_.close();
  return {};
}

// JSON in a string there, an object here. Nothing at all is a call without arguments.
Result<> ChatConversation::add_arguments(JsonValue function, const Place& place) {
  TRY(auto value, needed(function, place, "arguments", Kind::string));
  const auto text = value.string(scratch_);
  if (text && text->empty()) {
    out_.member_raw("input", "{}");
    return {};
  }
  if (!text || !read_whole(arguments_, *text) || arguments_.root().kind() != Kind::object)
    return refused(place.in("arguments"), "must be a JSON object in a string");
  out_.member("input", arguments_.root());
  return {};
}

Result<> ChatConversation::add_result(JsonValue message, const Place& place) {
  CHECK(check_fields(message, place, kResultFields));
  TRY(auto id, needed(message, place, "tool_call_id", Kind::string));
  begin(Turn::results);
  out_.open().member_text("type", "tool_result").member("tool_use_id", id);
  const auto content = message.find("content");
  if (content.kind() == Kind::string) {
    out_.member("content", content);
  } else {
    out_.key("content").open_list();
    CHECK(add_blocks(out_, content, place.in("content"), ChatAuthor::tool));
    out_.close_list();
  }
  out_.close();
  return {};
}

}  // namespace relay::chat_translation
