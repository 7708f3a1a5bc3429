#include "dialect/openai_usage.h"

#include "dialect/openai_chunks.h"

namespace relay::openai {

bool read_usage(AnswerReading& reading, JsonValue usage) {
  if (usage.kind() != JsonValue::Kind::object) return false;
  auto& counts = reading.counts;
  overwrite(counts.input, usage.find("prompt_tokens"));
  overwrite(counts.input, usage.find("input_tokens"));
  overwrite(counts.output, usage.find("completion_tokens"));
  overwrite(counts.output, usage.find("output_tokens"));
  for (const auto details : {usage.find("prompt_tokens_details"), usage.find("input_tokens_details")}) {
    overwrite(counts.cache_read, details.find("cached_tokens"));
    overwrite(counts.cache_write, details.find("cache_write_tokens"));
  }
  for (const auto details : {usage.find("completion_tokens_details"), usage.find("output_tokens_details")}) {
    overwrite(counts.reasoning, details.find("reasoning_tokens"));
  }
  return usage.find("completion_tokens").integer().has_value() || usage.find("output_tokens").integer().has_value();
}

void read_error(AnswerReading& reading, JsonValue error) {
  auto& type = reading.facts.error_type;
  type.clear();
  overwrite(type, error.find("code"), reading.scratch);
  if (type.empty()) overwrite(type, error.find("type"), reading.scratch);
  if (type.empty()) type = "error";
}

std::optional<std::int64_t> only_text_bytes(const AnswerReading& reading, std::string_view data, std::string_view opening) {
  if (reading.facts.message_id.empty()) return std::nullopt;  // the first chunk names model and id
  const auto bytes = text_bytes_behind(data, opening);
  if (!bytes || contains(data, R"("finish_reason":")")) return std::nullopt;
  if (contains(data, R"("usage")") && !contains(data, R"("usage":null)")) return std::nullopt;
  return bytes;
}

}  // namespace relay::openai
