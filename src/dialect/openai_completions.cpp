#include "dialect/openai_completions.h"

#include "dialect/openai_chunks.h"

namespace relay::openai_completions {

void read_event(AnswerReading& reading, std::string_view /*name*/, std::string_view data) {
  openai::read_chunk(reading, data, R"("choices":[{"text":")",
                     [](JsonValue choice) { return choice.find("text").string_bytes(); });
}

void read_json(AnswerReading& reading, JsonValue root) {
  openai::read_whole(reading, root, reading.whole_text_bytes,
                     [](JsonValue choice) { return choice.find("text").string_bytes(); });
  reading.facts.complete = reading.facts.error_type.empty();
}

}  // namespace relay::openai_completions
