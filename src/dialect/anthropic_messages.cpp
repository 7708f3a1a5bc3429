#include "dialect/anthropic_messages.h"

namespace relay::anthropic_messages {
namespace {

/// iterations[], output_tokens of thinking and fields to come are passed over: output_tokens has them in.
void read_usage(AnswerReading& reading, JsonValue usage) {
  auto& counts = reading.counts;
  overwrite(counts.input, usage.find("input_tokens"));
  overwrite(counts.cache_write, usage.find("cache_creation_input_tokens"));
  const auto split = usage.find("cache_creation");
  overwrite(counts.cache_write_5m, split.find("ephemeral_5m_input_tokens"));
  overwrite(counts.cache_write_1h, split.find("ephemeral_1h_input_tokens"));
  overwrite(counts.cache_read, usage.find("cache_read_input_tokens"));
  overwrite(counts.output, usage.find("output_tokens"));
  overwrite(counts.reasoning, usage.find("output_tokens_details").find("thinking_tokens"));
  const auto tools = usage.find("server_tool_use");
  overwrite(counts.web_searches, tools.find("web_search_requests"));
  overwrite(counts.web_fetches, tools.find("web_fetch_requests"));
  overwrite(reading.facts.mode.service_tier, usage.find("service_tier"), reading.scratch);
  overwrite(reading.facts.mode.speed, usage.find("speed"), reading.scratch);
  overwrite(reading.facts.mode.inference_geo, usage.find("inference_geo"), reading.scratch);
}

void read_message(AnswerReading& reading, JsonValue message) {
  overwrite(reading.facts.message_id, message.find("id"), reading.scratch);
  overwrite(reading.facts.model, message.find("model"), reading.scratch);
  overwrite(reading.facts.stop_reason, message.find("stop_reason"), reading.scratch);
  read_usage(reading, message.find("usage"));
}

void read_error(AnswerReading& reading, JsonValue root) {
  overwrite(reading.facts.error_type, root.find("error").find("type"), reading.scratch);
  if (reading.facts.error_type.empty()) reading.facts.error_type = "error";
}

std::int64_t delta_bytes(AnswerReading& reading, std::string_view data) {
  // As the API writes it; anything else is parsed.
  for (const std::string_view opening :
       {R"("delta":{"type":"text_delta","text":")", R"("delta":{"type":"input_json_delta","partial_json":")",
        R"("delta":{"type":"thinking_delta","thinking":")"}) {
    if (const auto bytes = text_bytes_behind(data, opening)) return *bytes;
  }
  if (contains(data, R"("signature_delta")")) return 0;
  if (reading.json.read(data) != JsonFault::none) return 0;
  const auto delta = reading.json.root().find("delta");
  return static_cast<std::int64_t>(delta.find("text").string_bytes() + delta.find("partial_json").string_bytes() +
                                   delta.find("thinking").string_bytes());
}

/// The type that stands in the data, for streams whose event: lines a gateway has taken away.
std::string_view type_of(AnswerReading& reading, std::string_view data) {
  constexpr std::string_view kStart = R"({"type":")";
  if (data.starts_with(kStart)) {
    const auto type = data.substr(kStart.size());
    return type.substr(0, type.find('"'));
  }
  if (reading.json.read(data) != JsonFault::none) return {};
  return reading.json.root().find("type").string(reading.scratch).value_or("");
}

}  // namespace

void read_event(AnswerReading& reading, std::string_view name, std::string_view data) {
  if (name.empty()) name = type_of(reading, data);
  if (name == "content_block_delta") {
    reading.delta_text_bytes += delta_bytes(reading, data);
  } else if (name == "message_stop") {
    reading.facts.complete = reading.facts.error_type.empty();
  } else if (name == "message_start" || name == "message_delta" || name == "error") {
    const bool is_start = name == "message_start";
    const bool is_error = name == "error";
    if (reading.json.read(data) != JsonFault::none) return;
    const auto root = reading.json.root();
    if (is_error) return read_error(reading, root);
    if (is_start) return read_message(reading, root.find("message"));
    overwrite(reading.facts.stop_reason, root.find("delta").find("stop_reason"), reading.scratch);
    const auto usage = root.find("usage");
    read_usage(reading, usage);
    if (usage.find("output_tokens").integer()) reading.facts.output_reported = true;
  }
}

void read_json(AnswerReading& reading, JsonValue root) {
  if (root.find("error").kind() == JsonValue::Kind::object) return read_error(reading, root);
  read_message(reading, root);
  reading.facts.output_reported = reading.counts.output.has_value();
  reading.facts.complete = true;
  root.find("content").each_element([&](JsonValue block) {
    reading.whole_text_bytes += static_cast<std::int64_t>(block.find("text").string_bytes() +
                                                          block.find("thinking").string_bytes() +
                                                          block.find("input").raw().size());
  });
}

}  // namespace relay::anthropic_messages
