// The messages of a Chat request as the system prompt and the turns of a Messages request.
#pragma once

#include "translate/chat_fields.h"
#include "translate/chat_json_text.h"

#include <string>

namespace relay::chat_translation {

/// Takes the messages in order. Messages of the system before all others are the system prompt, later ones
/// turns of their own. Results of tools, and what the user says right behind them, are one turn: Messages
/// wants all results of one turn's calls together.
class ChatConversation {
 public:
  /// `arguments` is scratch for the JSON inside of strings.
  explicit ChatConversation(JsonIndex& arguments) : arguments_(arguments) {}
  ChatConversation(const ChatConversation&) = delete;
  ChatConversation& operator=(const ChatConversation&) = delete;

  Result<> add(JsonValue message, const Place& place);
  /// After the last one; `place` is that of the messages.
  Result<> finish(const Place& place);

  /// JSON; the system prompt is empty when there is none.
  const std::string& system() const { return system_; }
  const std::string& turns() const { return turns_; }

 private:
  enum class Turn : std::uint8_t { none, system, user, assistant, results };

  Result<> add_system(JsonValue message, const Place& place);
  Result<> add_user(JsonValue message, const Place& place);
  Result<> add_assistant(JsonValue message, const Place& place);
  Result<> add_result(JsonValue message, const Place& place);
  Result<> add_call(JsonValue call, const Place& place);
  Result<> add_arguments(JsonValue function, const Place& place);
  void begin(Turn turn);
  void end_turn();

  JsonIndex& arguments_;
  std::string scratch_;
  std::string system_;
  std::string turns_ = "[";
  JsonText out_{turns_};
  Turn turn_ = Turn::none;
};

}  // namespace relay::chat_translation
