// The chunk stream that chat and completions share: they differ in where a choice keeps its text.
#pragma once

#include "dialect/openai_usage.h"

#include <string_view>

namespace relay::openai {

/// `text_bytes(choice)`: of one element of choices. `opening`: what stands before the text in a chunk
/// that carries nothing else, as the API writes it.
template <class TextBytes>
void read_whole(AnswerReading& reading, JsonValue root, std::int64_t& text, TextBytes&& text_bytes) {
  auto& facts = reading.facts;
  if (root.find("error").kind() == JsonValue::Kind::object) return read_error(reading, root.find("error"));
  overwrite(facts.message_id, root.find("id"), reading.scratch);
  overwrite(facts.model, root.find("model"), reading.scratch);
  overwrite(facts.mode.service_tier, root.find("service_tier"), reading.scratch);
  if (read_usage(reading, root.find("usage"))) facts.output_reported = true;
  root.find("choices").each_element([&](JsonValue choice) {
    overwrite(facts.stop_reason, choice.find("finish_reason"), reading.scratch);
    text += static_cast<std::int64_t>(text_bytes(choice));
  });
}

/// Nothing, unless the chunk carries text and no more: no usage, no reason to stop.
std::optional<std::int64_t> only_text_bytes(const AnswerReading& reading, std::string_view data, std::string_view opening);

template <class TextBytes>
void read_chunk(AnswerReading& reading, std::string_view data, std::string_view opening, TextBytes&& text_bytes) {
  if (const auto bytes = only_text_bytes(reading, data, opening)) {
    reading.delta_text_bytes += *bytes;
  } else if (data == "[DONE]") {
    reading.facts.complete = reading.facts.error_type.empty();
  } else if (reading.json.read(data) == JsonFault::none) {
    read_whole(reading, reading.json.root(), reading.delta_text_bytes, text_bytes);
  }
}

}  // namespace relay::openai
