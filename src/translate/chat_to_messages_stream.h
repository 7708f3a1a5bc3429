// The chunks of a Chat stream as the events of a Messages stream.
#pragma once

#include "json/json_index.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace relay::chat_translation {

/// For one stream. Each chunk gives its events at once; the end of the message waits for [DONE], because the
/// usage that belongs to it comes between. A block ends where another begins: calls that take turns are
/// refused, for Messages has one block at a time.
class ChatToMessagesStream {
 public:
  explicit ChatToMessagesStream(JsonIndex& index) : index_(index) {}

  /// Whether the client asked to see thinking; before the first event.
  void show_thinking(bool yes) { shows_thinking_ = yes; }
  void event(std::string_view data, std::string& out);
  void end(std::string& out);

 private:
  enum class Block : std::uint8_t { none, text, thinking, call };
  enum class State : std::uint8_t { before, open, finished, ended };

  bool take(JsonValue root, std::string& out);
  bool take_choice(JsonValue root, JsonValue choice, std::string& out);
  bool start_message(JsonValue root, std::string& out);
  bool add_delta(JsonValue delta, std::string& out);
  void add_text(Block block, JsonValue text, std::string& out);
  bool add_call(JsonValue call, std::string& out);
  bool start_call(JsonValue call, std::string& out);
  bool is_new_call(JsonValue call) const;
  void open_block(Block block, std::string& out);
  void close_block(std::string& out);
  void keep_usage(JsonValue root);
  void finish(std::string& out);
  void fail(std::string_view error, std::string& out);

  JsonIndex& index_;
  State state_ = State::before;
  Block block_ = Block::none;
  bool shows_thinking_ = false;
  bool any_call_ = false;
  bool refuses_ = false;
  std::int64_t blocks_ = 0;  // begun so far
  std::int64_t call_ = -1;   // the index of the last call, as the upstream counts
  std::string call_id_;      // as spelled
  std::string finish_reason_;
  std::string usage_;  // the Messages object
};

}  // namespace relay::chat_translation
