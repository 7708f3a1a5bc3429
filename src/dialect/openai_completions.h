// Reads answers of OpenAI's Completions (the older, text-only form) API.
#pragma once

#include "dialect/answer_reading.h"

#include <string_view>

namespace relay::openai_completions {

/// Chunks; usage comes in one of them when stream_options.include_usage was asked for, null in the
/// others; [DONE] completes. A chunk that only carries text is measured without being parsed.
void read_event(AnswerReading& reading, std::string_view name, std::string_view data);
/// A whole answer, or an error object.
void read_json(AnswerReading& reading, JsonValue root);

}  // namespace relay::openai_completions
