// A whole Messages answer as a Chat Completions answer, and the words that streams share with it.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "json/json_index.h"
#include "translate/chat_json_text.h"

#include <string>
#include <string_view>

namespace relay::chat_translation {

/// `root` is the body; `now` goes into `created`, for which Messages has nothing.
Result<std::string> to_chat_answer(JsonValue root, WallTime now);

/// stop_reason -> finish_reason. A word that is not known is an end like another.
std::string_view finish_reason_of(std::string_view stop_reason);

/// What a Messages usage object says; later ones of a stream replace what they carry, null and absent keep.
struct MessagesUsage {
  std::int64_t input = 0;
  std::int64_t cache_read = 0;
  std::int64_t cache_written = 0;
  std::int64_t output = 0;
  std::int64_t thinking = 0;
  bool priority = false;  // served so

  void overwrite(JsonValue usage);
  /// The usage object of Chat, whose input has all tokens in it.
  void write_to(JsonText& out) const;
};

}  // namespace relay::chat_translation
