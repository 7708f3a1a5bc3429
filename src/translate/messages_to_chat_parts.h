// Content blocks of Messages as parts of a Chat message.
#pragma once

#include "translate/chat_fields.h"
#include "translate/chat_json_text.h"

#include <cstddef>
#include <string>

namespace relay::chat_translation {

/// The parts of one message, in order. Chat takes a plain string in place of a single text.
class ChatParts {
 public:
  ChatParts() = default;
  ChatParts(const ChatParts&) = delete;
  ChatParts& operator=(const ChatParts&) = delete;

  void add_text(JsonValue text);
  /// Our own words; plain ASCII without quotes.
  void add_words(std::string_view words);
  /// For the part that the caller writes himself.
  JsonText& add() { return ++count_, only_text_ = {}, out_; }

  bool empty() const { return count_ == 0; }
  std::size_t count() const { return count_; }
  /// The content: "" for none, a string for a single text, else an array.
  void write_to(JsonText& out) const;
  /// Appends them to others.
  void move_to(ChatParts& others);

 private:
  std::string parts_;
  JsonText out_{parts_};
  JsonValue only_text_;
  std::size_t count_ = 0;
};

/// A text, image or document block of the user's. `block` is an object, `type` its type.
Result<> add_user_block(ChatParts& parts, JsonValue block, std::string_view type, const Place& place);

/// Text blocks alone: of the system's messages, or of the assistant's.
Result<> add_text_only(ChatParts& parts, JsonValue block, std::string_view type, const Place& place);

}  // namespace relay::chat_translation
