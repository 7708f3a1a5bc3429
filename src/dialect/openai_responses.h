// Reads answers of OpenAI's Responses API.
#pragma once

#include "dialect/answer_reading.h"

#include <string_view>

namespace relay::openai_responses {

/// Searches stand in the output's items, there is no count of them.
/// response.created names id and model; response.completed, .incomplete and .failed carry the usage and
/// end the stream (a failed one is not complete); deltas are only measured. The type of an event is its
/// name or, without an event: line, the type in its data. There is no [DONE].
void read_event(AnswerReading& reading, std::string_view name, std::string_view data);
/// A whole response object, or an error object.
void read_json(AnswerReading& reading, JsonValue root);

}  // namespace relay::openai_responses
