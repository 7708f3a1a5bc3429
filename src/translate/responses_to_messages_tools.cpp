#include "translate/responses_to_messages_tools.h"

#include "translate/messages_responses_words.h"

namespace relay::messages_responses {
namespace {

namespace json = boost::json;

constexpr std::size_t kToolNameBytesMax = 128;  // of Messages

json::object input_schema(const json::value* parameters) {
  json::object schema;
  if (parameters != nullptr) schema = parameters->get_object();
  // Messages asks for both; a function without parameters has neither.
  if (!schema.contains("type")) schema["type"] = "object";
  if (parameters == nullptr) schema["properties"] = json::object();
  return schema;
}

Result<> carry_function(const RequestPart& tool, std::string_view name_space, ToolNames& names,
                        json::array& out) {
  CHECK(tool.only({"type", "name", "description", "parameters", "strict", "defer_loading"}));
  TRY(const auto name, tool.text("name"));
  TRY(const auto description, tool.optional_text("description"));
  TRY(const auto strict, tool.optional_flag("strict"));
  const auto* parameters = tool.find("parameters");
  if (parameters != nullptr && !parameters->is_object())
    return tool.refuse("parameters", "must be an object");
  TRY(auto flat, names.add(name_space, name, tool.path_of("name")));
  json::object carried{{"name", std::move(flat)}};
  if (description) carried["description"] = *description;
  carried["input_schema"] = input_schema(parameters);
  if (strict.value_or(false)) carried["strict"] = true;
  out.push_back(std::move(carried));
  return ok;
}

Result<> carry_namespace(const RequestPart& space, ToolNames& names, json::array& out) {
  CHECK(space.only({"type", "name", "description", "tools"}));
  TRY(const auto name, space.text("name"));
  TRY(const auto* tools, space.optional_list("tools"));
  if (tools == nullptr) return space.refuse("tools", "is required");
  for (std::size_t i = 0; i < tools->size(); ++i) {
    TRY(const auto tool, RequestPart::of((*tools)[i], entry_path(space.path_of("tools"), i)));
    TRY(const auto type, tool.text("type"));
    if (type != "function") return tool.refuse("type", "can only be \"function\" with this model");
    CHECK(carry_function(tool, name, names, out));
  }
  return ok;
}

Result<> carry_domains(const RequestPart& tool, json::object& out) {
  if (!tool.has("filters")) return ok;
  TRY(const auto filters, tool.part("filters"));
  CHECK(filters.only({"allowed_domains"}));
  TRY(const auto* domains, filters.optional_list("allowed_domains"));
  if (domains != nullptr) out["allowed_domains"] = *domains;
  return ok;
}

Result<> carry_location(const RequestPart& tool, json::object& out) {
  if (!tool.has("user_location")) return ok;
  TRY(const auto location, tool.part("user_location"));
  CHECK(location.only({"type", "city", "region", "country", "timezone"}));
  CHECK(location.only_text("type", "approximate"));
  auto carried = location.object();
  carried["type"] = "approximate";
  out["user_location"] = std::move(carried);
  return ok;
}

Result<> carry_web_search(const RequestPart& tool, ToolNames& names, json::array& out) {
  TRY(const auto live, tool.optional_flag("external_web_access"));
  if (live && !*live) return ok;
  CHECK(tool.only({"type", "external_web_access", "filters", "user_location", "search_context_size"}));
  CHECK(tool.only_text("search_context_size", "medium"));
  CHECK(names.add({}, "web_search", tool.path_of("type")));
  json::object carried{{"type", "web_search_20250305"}, {"name", "web_search"}};
  CHECK(carry_domains(tool, carried));
  CHECK(carry_location(tool, carried));
  out.push_back(std::move(carried));
  return ok;
}

Result<> carry_tool(const RequestPart& tool, ToolNames& names, json::array& out) {
  TRY(const auto type, tool.text("type"));
  if (type == "function") return carry_function(tool, {}, names, out);
  if (type == "namespace") return carry_namespace(tool, names, out);
  if (type == "web_search") return carry_web_search(tool, names, out);
  return tool.refuse("type", "can't be carried to the model that serves this call");
}

Result<json::object> named_choice(const RequestPart& choice, const ToolNames& names) {
  CHECK(choice.only({"type", "name", "namespace"}));
  CHECK(choice.only_text("type", "function"));
  TRY(const auto name, choice.text("name"));
  TRY(const auto name_space, choice.optional_text("namespace"));
  auto flat = ToolNames::flat(name_space.value_or(""), name);
  if (!names.has(flat)) return choice.refuse("name", "must be one of the tools");
  return json::object{{"type", "tool"}, {"name", std::move(flat)}};
}

Result<json::object> tool_choice(const RequestPart& request, const ToolNames& names) {
  const auto* choice = request.find("tool_choice");
  if (choice == nullptr) return json::object{{"type", "auto"}};
  if (choice->is_object()) {
    TRY(const auto part, request.part("tool_choice"));
    return named_choice(part, names);
  }
  TRY(const auto word, request.text("tool_choice"));
  if (word == "auto" || word == "none") return json::object{{"type", word}};
  if (word == "required") return json::object{{"type", "any"}};
  return request.refuse("tool_choice", "must be auto, none, required or a function");
}

}  // namespace

std::string ToolNames::flat(std::string_view name_space, std::string_view name) {
  if (name_space.empty()) return std::string(name);
  return std::string(name_space) + "__" + std::string(name);
}

Result<std::string> ToolNames::add(std::string_view name_space, std::string_view name,
                                   const std::string& path) {
  auto one = flat(name_space, name);
  if (one.size() > kToolNameBytesMax) return not_carried(path, "is too long with its namespace");
  if (!taken_.insert(one).second) return not_carried(path, "is the name of another tool");
  if (!name_space.empty()) spaced_[one] = {.name_space = std::string(name_space), .name = std::string(name)};
  return one;
}

const ToolName* ToolNames::find(std::string_view name) const {
  const auto found = spaced_.find(name);
  return found == spaced_.end() ? nullptr : &found->second;
}

Result<> carry_tools(const RequestPart& request, ToolNames& names, json::object& out) {
  json::array carried;
  TRY(const auto* tools, request.optional_list("tools"));
  for (std::size_t i = 0; tools != nullptr && i < tools->size(); ++i) {
    TRY(const auto tool, RequestPart::of((*tools)[i], entry_path("tools", i)));
    CHECK(carry_tool(tool, names, carried));
  }
  TRY(auto choice, tool_choice(request, names));
  TRY(const auto parallel, request.optional_flag("parallel_tool_calls"));
  // Messages takes a choice only beside tools.
  if (carried.empty()) {
    if (choice["type"] == "any") return request.refuse("tool_choice", "asks for a tool, but there is none");
    return ok;
  }
  out["tools"] = std::move(carried);
  const bool one_at_a_time = !parallel.value_or(true) && choice["type"] != "none";
  if (one_at_a_time) choice["disable_parallel_tool_use"] = true;
  if (request.has("tool_choice") || one_at_a_time) out["tool_choice"] = std::move(choice);
  return ok;
}

bool forces_a_tool(const json::object& messages_request) {
  const auto* choice = object_in(messages_request, "tool_choice");
  if (choice == nullptr) return false;
  const auto type = text_in(*choice, "type");
  return type == "any" || type == "tool";
}

}  // namespace relay::messages_responses
