// The events of a Messages stream as the chunks of a Chat stream.
#pragma once

#include "base/clock.h"
#include "json/json_index.h"
#include "translate/messages_to_chat_answer.h"

#include <string>
#include <string_view>

namespace relay::chat_translation {

/// For one stream. Each event gives its chunks at once; only the usage waits for the end, where Chat has it.
class MessagesToChatStream {
 public:
  MessagesToChatStream(JsonIndex& index, const Clock& clock) : index_(index), clock_(clock) {}

  /// Whether the client asked for the usage chunk; before the first event.
  void include_usage(bool yes) { includes_usage_ = yes; }
  void event(std::string_view name, std::string_view data, std::string& out);
  void end(std::string& out);

 private:
  // False: no stream of Messages' that Chat could say.
  bool take(std::string_view name, JsonValue root, std::string& out);
  bool take_block_event(std::string_view name, JsonValue root, std::string& out);
  bool take_message_delta(JsonValue root, std::string& out);
  bool start_message(JsonValue message, std::string& out);
  bool stop_message(std::string& out);
  bool start_block(JsonValue block, std::string& out);
  bool add_delta(JsonValue delta, std::string& out);
  bool stop_block(std::string& out);
  bool add_text(std::string_view field, JsonValue text, std::string& out);
  void add_call_start(JsonValue block, std::string& out);
  void add_arguments(std::string_view inside_of_string, std::string& out);
  JsonText begin_chunk(std::string& out) const;
  void end_choice(JsonText& chunk, std::string& out, std::string_view finish_reason = {}) const;
  void fail(std::string_view error, std::string& out);

  enum class State : std::uint8_t { before, open, finished, ended };

  JsonIndex& index_;
  const Clock& clock_;
  State state_ = State::before;
  bool includes_usage_ = false;
  bool in_call_ = false;        // the open block is a call
  bool has_arguments_ = false;  // and some have come
  std::int64_t call_ = -1;      // the index of the last one
  std::string head_;            // what every chunk begins with, behind "data: "
  MessagesUsage usage_;
};

}  // namespace relay::chat_translation
