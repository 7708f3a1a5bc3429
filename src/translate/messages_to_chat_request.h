// A Messages request as a Chat Completions request.
#pragma once

#include "base/result.h"
#include "json/json_index.h"

#include <string>
#include <string_view>

namespace relay::chat_translation {

struct ChatRequest {
  std::string body;
  bool shows_thinking = false;  // the client asked for thinking, and to see it
};

/// `root` is the body. `asks_for_usage`: a stream's. Errors as Translation::request has them.
Result<ChatRequest> to_chat_request(JsonValue root, std::string_view model, bool asks_for_usage = true);

}  // namespace relay::chat_translation
