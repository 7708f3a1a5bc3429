// A Chat Completions request as a Messages request.
#pragma once

#include "base/result.h"
#include "json/json_index.h"

#include <string>
#include <string_view>

namespace relay::chat_translation {

struct MessagesRequest {
  std::string body;
  bool includes_usage = false;  // the client asked for the usage chunk
};

/// `root` is the body; `scratch` another index, for the JSON inside of it. Errors as Translation::request has
/// them.
Result<MessagesRequest> to_messages_request(JsonValue root, std::string_view model, JsonIndex& scratch);

}  // namespace relay::chat_translation
