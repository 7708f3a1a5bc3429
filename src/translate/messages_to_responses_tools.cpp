#include "translate/messages_to_responses_tools.h"

namespace relay::messages_responses {
namespace {

namespace json = boost::json;

constexpr std::size_t kFunctionNameBytesMax = 64;  // of OpenAI

// Who may call a tool: the model itself is the only caller that Responses knows.
Result<> check_callers(const RequestPart& tool) {
  TRY(const auto* callers, tool.optional_list("allowed_callers"));
  for (std::size_t i = 0; callers != nullptr && i < callers->size(); ++i) {
    if ((*callers)[i] != "direct") {
      return not_carried(entry_path(tool.path_of("allowed_callers"), i),
                         "can only be \"direct\" with this model");
    }
  }
  return ok;
}

Result<json::object> function_of(const RequestPart& tool) {
  CHECK(tool.only_text("type", "custom"));
  CHECK(tool.only({"type", "name", "description", "input_schema", "cache_control", "defer_loading", "strict",
                   "eager_input_streaming", "allowed_callers"}));
  CHECK(check_callers(tool));
  TRY(const auto name, tool.text("name"));
  TRY(const auto description, tool.optional_text("description"));
  TRY(const auto strict, tool.optional_flag("strict"));
  TRY(const auto schema, tool.part("input_schema"));
  if (name.size() > kFunctionNameBytesMax)
    return tool.refuse("name", "must have 64 characters at most with this model");
  json::object out{{"type", "function"}, {"name", name}};
  if (description) out["description"] = *description;
  out["parameters"] = schema.object();
  // Said, for it is true unless one says so.
  out["strict"] = strict.value_or(false);
  return out;
}

Result<json::value> choice_of(const RequestPart& choice) {
  CHECK(choice.only({"type", "name", "disable_parallel_tool_use"}));
  TRY(const auto type, choice.text("type"));
  if (type == "auto" || type == "none") return json::value(type);
  if (type == "any") return json::value("required");
  if (type != "tool") return choice.refuse("type", "must be auto, any, tool or none");
  TRY(const auto name, choice.text("name"));
  return json::value(json::object{{"type", "function"}, {"name", name}});
}

}  // namespace

Result<> carry_tools(const RequestPart& request, json::object& out) {
  TRY(const auto* tools, request.optional_list("tools"));
  json::array carried;
  for (std::size_t i = 0; tools != nullptr && i < tools->size(); ++i) {
    TRY(const auto tool, RequestPart::of((*tools)[i], entry_path("tools", i)));
    TRY(auto function, function_of(tool));
    carried.push_back(std::move(function));
  }
  if (!carried.empty()) out["tools"] = std::move(carried);
  if (!request.has("tool_choice")) return ok;
  TRY(const auto choice, request.part("tool_choice"));
  TRY(auto word, choice_of(choice));
  TRY(const auto one_at_a_time, choice.optional_flag("disable_parallel_tool_use"));
  out["tool_choice"] = std::move(word);
  if (one_at_a_time.value_or(false)) out["parallel_tool_calls"] = false;
  return ok;
}

}  // namespace relay::messages_responses
