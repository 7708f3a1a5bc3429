// A whole Chat Completions answer as a Messages answer, and the words that streams share with it.
#pragma once

#include "base/result.h"
#include "json/json_index.h"
#include "translate/chat_json_text.h"

#include <string>
#include <string_view>

namespace relay::chat_translation {

/// `root` is the body, `arguments` another index for the JSON inside of it.
Result<std::string> to_messages_answer(JsonValue root, bool shows_thinking, JsonIndex& arguments);

/// finish_reason -> stop_reason. `calls`: there are calls of tools, for which OpenAI says "stop" where the
/// call was forced. `refuses`: a refusal was said.
std::string_view stop_reason_of(std::string_view finish_reason, bool calls, bool refuses);

/// What the model thought, where the server shows it: OpenAI's own does not, others have one of two names for
/// it.
JsonValue reasoning_of(JsonValue message_or_delta);

/// The usage object of Messages, from Chat's; zeros for none.
void write_messages_usage(JsonText& out, JsonValue usage, std::string_view service_tier);

}  // namespace relay::chat_translation
