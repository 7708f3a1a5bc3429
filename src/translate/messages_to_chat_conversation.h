// The system prompt and the turns of a Messages request as the messages of a Chat request.
#pragma once

#include "translate/messages_to_chat_parts.h"
#include "translate/messages_to_chat_tools.h"

#include <optional>
#include <string>
#include <string_view>

namespace relay::chat_translation {

/// output_config.effort -> reasoning_effort; nothing for a word that is not known.
std::optional<std::string_view> effort_to_chat(std::string_view effort);

/// Takes the system prompt, then the turns in order. A turn of the user's with results of tools becomes a
/// message for each result and one for the rest: Chat wants the results right behind the calls, and text only
/// in them.
class MessagesConversation {
 public:
  MessagesConversation() = default;
  MessagesConversation(const MessagesConversation&) = delete;
  MessagesConversation& operator=(const MessagesConversation&) = delete;

  Result<> add_system(JsonValue system, const Place& place);
  Result<> add(JsonValue message, const Place& place);
  /// After the last one; `place` is that of the messages.
  Result<> finish(const Place& place);

  /// JSON.
  const std::string& messages() const { return messages_; }
  /// The effort that a message has changed it to, in Messages' words; empty: none has.
  std::string_view effort() const { return effort_; }
  const ToolChanges& tool_changes() const { return tool_changes_; }

 private:
  struct UserTurn {
    ChatParts parts;
    ChatParts of_results;  // images and documents
    bool has_results = false;
  };

  Result<> add_user(JsonValue content, const Place& place);
  Result<> add_assistant(JsonValue content, const Place& place);
  Result<> add_calls(JsonValue content, const Place& place);
  Result<> add_call(JsonValue block, const Place& place);
  Result<> add_result(UserTurn& turn, JsonValue block, const Place& place);
  Result<> add_system_turn(JsonValue content, const Place& place);
  Result<> change_effort(JsonValue message, const Place& place);
  void take_new_input();
  void add_message(std::string_view role, const ChatParts& parts);

  std::string messages_ = "[";
  JsonText out_{messages_};
  ToolChanges tool_changes_;
  std::string_view effort_;
  std::string_view later_effort_;  // from the next new input on
  bool has_new_input_ = false;     // the user's last turn has, and nobody has answered
  bool ends_with_assistant_ = false;
};

}  // namespace relay::chat_translation
