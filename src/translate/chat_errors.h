// Errors of the two dialects in each other's words.
#pragma once

#include "base/error.h"
#include "json/json_index.h"

#include <string>
#include <string_view>

namespace relay::chat_translation {

/// `{"error":{"message","type","param","code"}}` for the body of a Messages error. What is no such body (a
/// proxy's HTML) is not shown: the status says what there is to say.
std::string to_chat_error(int status, std::string_view body, JsonIndex& index);
/// `{"type":"error","error":{"type","message"}}` for the body of an OpenAI error.
std::string to_messages_error(int status, std::string_view body, JsonIndex& index);

/// The same for the error inside of an event of a stream that began with a 200: an object, or nothing.
std::string to_chat_error(JsonValue error);
std::string to_messages_error(JsonValue error);

/// internal "upstream_answer_broken"; `why` is for the log.
Error broken_answer(const char* why = "it is no JSON");

/// Our own: the upstream's stream ended before its end, or is none of its dialect. `words` are plain ASCII.
std::string chat_stream_error(std::string_view words);
std::string messages_stream_error(std::string_view words);

inline constexpr std::string_view kStreamCut = "The upstream ended its stream too early";
inline constexpr std::string_view kStreamBroken = "The upstream sent a stream that can't be translated";

}  // namespace relay::chat_translation
