#include "translate/messages_to_chat_tools.h"

#include <array>

namespace relay::chat_translation {
namespace {

using Kind = JsonValue::Kind;

constexpr std::array kToolFields{
    FieldRule{"type"},
    FieldRule{"name"},
    FieldRule{"description"},
    FieldRule{"input_schema"},
    FieldRule{"strict"},
    FieldRule{"allowed_callers"},
    FieldRule{"input_examples", Fate::refused, "[]"},
    FieldRule{"defer_loading"},
    FieldRule{"eager_input_streaming", Fate::hint},
    FieldRule{"cache_control", Fate::hint},
};
constexpr std::array kChangeFields{FieldRule{"type"}, FieldRule{"tool"},
                                   FieldRule{"cache_control", Fate::hint}};
constexpr std::array kReferenceFields{FieldRule{"type"}, FieldRule{"name"}};
constexpr std::array kDefinitionFields{FieldRule{"type"}, FieldRule{"definition"}};

// A tool that code on Anthropic's side may call as well.
Result<> only_direct_calls(JsonValue tool, const Place& place) {
  TRY(auto callers, given(tool, place, "allowed_callers", Kind::array));
  return each_element(callers, place.in("allowed_callers"), [](JsonValue caller, const Place& here) {
    return inside(caller) == "direct" ? Result<>() : Result<>(refused(here, kNotCarried));
  });
}

// Also of those that are not offered: what is wrong with a tool is told before it is found.
Result<std::string_view> checked_name(JsonValue tool, const Place& place) {
  if (tool.kind() != Kind::object) return refused(place, "must be an object");
  TRY(auto type, given_word(tool, place, "type"));
  if (!type.empty() && type != "custom") return refused(place.in("type"), kNotCarried);
  CHECK(check_fields(tool, place, kToolFields));
  CHECK(only_direct_calls(tool, place));
  TRY(auto name, needed_word(tool, place, "name"));
  if (name.size() > kChatFunctionNameBytesMax)
    return refused(place.in("name"), "must not be over 64 bytes for this model");
  return name;
}

Result<> write_tool(JsonText& out, JsonValue tool, const Place& place) {
  TRY(auto name, needed(tool, place, "name", Kind::string));
  TRY(auto description, given(tool, place, "description", Kind::string));
  TRY(auto schema, needed(tool, place, "input_schema", Kind::object));
  TRY(auto strict, given_flag(tool, place, "strict"));
  out.open().member_text("type", "function").key("function").open().member("name", name);
  if (description) out.member("description", description);
  out.member("parameters", schema);
  if (strict) out.member_raw("strict", "true");
  out.close().close();
  return {};
}

Result<std::string_view> referenced_name(JsonValue tool, const Place& place) {
  CHECK(check_fields(tool, place, kReferenceFields));
  return needed_word(tool, place, "name");
}

}  // namespace

Result<> ToolChanges::add(JsonValue block, const Place& place) {
  CHECK(check_fields(block, place, kChangeFields));
  const auto here = place.in("tool");
  TRY(auto tool, needed(block, place, "tool", Kind::object));
  TRY(auto type, needed_word(tool, here, "type"));
  if (type == "tool_reference") {
    TRY(auto name, referenced_name(tool, here));
    changes_[name] = Change::added;
    return {};
  }
  if (type != "tool_definition") return refused(here.in("type"), kNotCarried);
  CHECK(check_fields(tool, here, kDefinitionFields));
  const auto definition = tool.find("definition");
  TRY(auto name, checked_name(definition, here.in("definition")));
  changes_[name] = Change::added;
  if (!definitions_.contains(name)) defined_names_.push_back(name);
  definitions_[name] = definition;
  return {};
}

Result<> ToolChanges::remove(JsonValue block, const Place& place) {
  CHECK(check_fields(block, place, kChangeFields));
  const auto here = place.in("tool");
  TRY(auto tool, needed(block, place, "tool", Kind::object));
  TRY(auto type, needed_word(tool, here, "type"));
  if (type != "tool_reference") return refused(here.in("type"), kNotCarried);
  TRY(auto name, referenced_name(tool, here));
  changes_[name] = Change::removed;
  return {};
}

bool ToolChanges::is_offered(std::string_view name, bool held_back) const {
  const auto change = changes_.find(name);
  return change == changes_.end() ? !held_back : change->second == Change::added;
}

Result<bool> ToolChanges::write_tools(JsonText& out, JsonValue tools, const Place& place) const {
  std::string list;
  JsonText functions(list);
  CHECK(each_element(tools, place, [&](JsonValue tool, const Place& here) -> Result<> {
    TRY(auto name, checked_name(tool, here));
    TRY(auto held_back, given_flag(tool, here, "defer_loading"));
    if (definitions_.contains(name) || !is_offered(name, held_back)) return {};
    return write_tool(functions, tool, here);
  }));
  for (const auto name : defined_names_) {
    if (is_offered(name, true)) CHECK(write_tool(functions, definitions_.at(name), place));
  }
  if (list.empty()) return false;  // Chat takes no empty list
  out.key("tools").open_list().raw(list).close_list();
  return true;
}

}  // namespace relay::chat_translation
