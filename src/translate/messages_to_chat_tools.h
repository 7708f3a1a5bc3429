// The tools of a Messages request as they stand at the end of its conversation, as functions of Chat.
#pragma once

#include "translate/chat_fields.h"
#include "translate/chat_json_text.h"

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace relay::chat_translation {

/// A Messages conversation can find, add and remove tools as it goes on (defer_loading with tool_reference;
/// tool_addition and tool_removal). Chat has one list of them for a request: what the model would see at the
/// end. Views into the request; names are compared as they are spelled.
class ToolChanges {
 public:
  /// A tool that was held back has been found.
  void find(std::string_view name) { changes_[name] = Change::added; }
  /// A tool_addition or tool_removal block of a system message.
  Result<> add(JsonValue block, const Place& place);
  Result<> remove(JsonValue block, const Place& place);

  /// Appends the member `tools`, unless none is left; true when there are some. `tools` is nothing or an
  /// array.
  Result<bool> write_tools(JsonText& out, JsonValue tools, const Place& place) const;

 private:
  enum class Change : std::uint8_t { added, removed };

  bool is_offered(std::string_view name, bool held_back) const;

  std::unordered_map<std::string_view, Change> changes_;
  std::unordered_map<std::string_view, JsonValue> definitions_;
  std::vector<std::string_view> defined_names_;  // in order
};

}  // namespace relay::chat_translation
