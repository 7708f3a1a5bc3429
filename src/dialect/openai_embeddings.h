// Reads answers of OpenAI's Embeddings API: megabytes of vectors, and what they cost behind them.
#pragma once

#include "dialect/answer_reading.h"

#include <string_view>

namespace relay::openai_embeddings {

/// A whole answer, or an error object. Nothing is put out: there is no output to count or to estimate.
void read_json(AnswerReading& reading, JsonValue root);

/// The beginning and the end of an answer, without what lies between: usage and model are found by their
/// names, for vectors are numbers or Base64, and no text in them has a quote inside.
void read_ends(AnswerReading& reading, std::string_view ends);

}  // namespace relay::openai_embeddings
