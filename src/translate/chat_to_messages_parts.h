// The parts of a Chat message's content as content blocks of Messages.
#pragma once

#include "translate/chat_fields.h"
#include "translate/chat_json_text.h"

namespace relay::chat_translation {

/// Who may say what: text is everybody's, a refusal the assistant's, images and files the user's.
enum class ChatAuthor : std::uint8_t { system, user, assistant, tool };

/// Appends a block for each part of `content`, a string or an array of parts; none for an empty text, which
/// Messages has not. Nothing for an absent or null one.
Result<> add_blocks(JsonText& out, JsonValue content, const Place& place, ChatAuthor author);

/// A text block; none when the text is empty.
void add_text_block(JsonText& out, JsonValue text, JsonValue cache_control = {});

}  // namespace relay::chat_translation
