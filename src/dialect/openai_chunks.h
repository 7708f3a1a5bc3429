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
  root.each_member([&](std::string_view key, JsonValue value) {
    if (key == "id") return overwrite(facts.message_id, value, reading.scratch);
    if (key == "model") return overwrite(facts.model, value, reading.scratch);
    if (key == "service_tier") return overwrite(facts.mode.service_tier, value, reading.scratch);
    if (key == "usage") facts.output_reported = read_usage(reading, value) || facts.output_reported;
    if (key == "error" && value.kind() == JsonValue::Kind::object) read_error(reading, value);
    if (key != "choices") return;
    value.each_element([&](JsonValue choice) {
      overwrite(facts.stop_reason, choice.find("finish_reason"), reading.scratch);
      text += static_cast<std::int64_t>(text_bytes(choice));
    });
  });
}

/// Nothing, unless the chunk carries text and no more: no usage, no reason to stop.
std::optional<std::int64_t> only_text_bytes(const AnswerReading& reading, std::string_view data,
                                            std::string_view opening);

template <class TextBytes>
void read_chunk(AnswerReading& reading, std::string_view data, std::string_view opening,
                TextBytes&& text_bytes) {
  if (const auto bytes = only_text_bytes(reading, data, opening)) {
    reading.delta_text_bytes += *bytes;
  } else if (data == "[DONE]") {
    reading.facts.complete = reading.facts.error_type.empty();
  } else if (reading.json.read(data) == JsonFault::none) {
    read_whole(reading, reading.json.root(), reading.delta_text_bytes, text_bytes);
  }
}

}  // namespace relay::openai
