#include "dialect/openai_usage.h"

#include "dialect/openai_chunks.h"

namespace relay::openai {

namespace {

void read_input(ReportedCounts& counts, JsonValue details) {
  details.each_member([&](std::string_view key, JsonValue value) {
    if (key == "cached_tokens") return overwrite(counts.cache_read, value);
    if (key == "cache_write_tokens") return overwrite(counts.cache_write, value);
    if (key == "audio_tokens") return overwrite(counts.audio_input, value);
    if (key == "image_tokens") return overwrite(counts.image_input, value);
    if (key == "cached_tokens_details") overwrite(counts.audio_cache_read, value.find("audio_tokens"));
  });
}

void read_output(ReportedCounts& counts, JsonValue details) {
  details.each_member([&](std::string_view key, JsonValue value) {
    if (key == "reasoning_tokens") return overwrite(counts.reasoning, value);
    if (key == "audio_tokens") return overwrite(counts.audio_output, value);
    if (key == "image_tokens") return overwrite(counts.image_output, value);
    if (key == "accepted_prediction_tokens") return overwrite(counts.accepted_prediction, value);
    if (key == "rejected_prediction_tokens") overwrite(counts.rejected_prediction, value);
  });
}

}  // namespace

bool read_usage(AnswerReading& reading, JsonValue usage) {
  auto& counts = reading.counts;
  bool has_output = false;
  usage.each_member([&](std::string_view key, JsonValue value) {
    if (key == "prompt_tokens" || key == "input_tokens") return overwrite(counts.input, value);
    if (key == "completion_tokens" || key == "output_tokens") {
      has_output = has_output || value.integer().has_value();
      return overwrite(counts.output, value);
    }
    if (key == "prompt_tokens_details" || key == "input_tokens_details") return read_input(counts, value);
    if (key == "completion_tokens_details" || key == "output_tokens_details") {
      return read_output(counts, value);
    }
  });
  return has_output;
}

void read_error(AnswerReading& reading, JsonValue error) {
  auto& type = reading.facts.error_type;
  type.clear();
  overwrite(type, error.find("code"), reading.scratch);
  if (type.empty()) overwrite(type, error.find("type"), reading.scratch);
  if (type.empty()) type = "error";
}

std::optional<std::int64_t> only_text_bytes(const AnswerReading& reading, std::string_view data,
                                            std::string_view opening) {
  if (reading.facts.message_id.empty()) return std::nullopt;  // the first chunk names model and id
  const auto text = behind(data, opening);
  if (!text || contains(data, R"("finish_reason":")")) return std::nullopt;
  if (contains(data, R"("usage")") && !contains(data, R"("usage":null)")) return std::nullopt;
  return text_bytes(*text);
}

}  // namespace relay::openai
