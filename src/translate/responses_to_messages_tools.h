// The tools of a Responses request, as Messages has them.
#pragma once

#include "translate/request_part.h"

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace relay::messages_responses {

/// A function inside a namespace. Messages has no namespaces: the tool is "namespace__name" there.
struct ToolName {
  std::string name_space;
  std::string name;
};

/// What the answer needs to give each tool its own name again.
class ToolNames {
 public:
  /// The name in Messages. validation on `path` when it is taken or longer than Messages allows.
  Result<std::string> add(std::string_view name_space, std::string_view name, const std::string& path);
  /// nullptr for a tool that is in no namespace.
  const ToolName* find(std::string_view name) const;
  bool has(std::string_view name) const { return taken_.contains(name); }
  bool empty() const { return taken_.empty(); }
  static std::string flat(std::string_view name_space, std::string_view name);

 private:
  std::map<std::string, ToolName, std::less<>> spaced_;
  std::set<std::string, std::less<>> taken_;
};

/// Adds `tools` and `tool_choice` to `out`. Functions, also inside namespaces, are carried; `defer_loading`
/// is left out, for then the model simply knows the tool from the start. Web search is Anthropic's own;
/// it is not offered when the client forbids it the live web (`external_web_access`: false, as Codex in its
/// sandbox): Anthropic searches nothing else. Every other tool is refused.
Result<> carry_tools(const RequestPart& request, ToolNames& names, boost::json::object& out);

/// Whether the model is made to call a tool: Anthropic refuses to think then.
bool forces_a_tool(const boost::json::object& messages_request);

}  // namespace relay::messages_responses
