// The usage and error objects that OpenAI's three dialects share.
#pragma once

#include "dialect/answer_reading.h"

namespace relay::openai {

/// Both spellings: prompt_tokens/completion_tokens (chat, completions), input_tokens/output_tokens
/// (responses). Counts are inclusive; UsageReader splits them. True when an output count was carried.
bool read_usage(AnswerReading& reading, JsonValue usage);

/// `error` is {message, type, param, code}; the code is the finer word ("insufficient_quota").
void read_error(AnswerReading& reading, JsonValue error);

}  // namespace relay::openai
