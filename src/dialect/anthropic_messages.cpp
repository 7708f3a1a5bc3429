#include "dialect/anthropic_messages.h"

#include <algorithm>

namespace relay::anthropic_messages {
namespace {

Usage read_iteration(JsonValue iteration) {
  ReportedCounts counts;
  iteration.each_member([&](std::string_view key, JsonValue value) {
    if (key == "input_tokens") return overwrite(counts.input, value);
    if (key == "output_tokens") return overwrite(counts.output, value);
    if (key == "cache_creation_input_tokens") return overwrite(counts.cache_write, value);
    if (key == "cache_read_input_tokens") return overwrite(counts.cache_read, value);
    if (key == "cache_creation") overwrite(counts.cache_write_1h, value.find("ephemeral_1h_input_tokens"));
  });
  const auto hour = counts.cache_write_1h.value_or(0);
  return {.input_tokens = counts.input.value_or(0),
          .cache_write_5m_tokens = std::max<std::int64_t>(counts.cache_write.value_or(0) - hour, 0),
          .cache_write_1h_tokens = hour,
          .cache_read_tokens = counts.cache_read.value_or(0),
          .output_tokens = counts.output.value_or(0)};
}

/// The counts have the iterations of type message in, but neither those of a compaction nor those of an
/// advisor, whose model is another (platform.claude.com, "Compaction" and "Advisor tool"). Cumulative.
void read_iterations(AnswerReading& reading, JsonValue iterations) {
  if (iterations.kind() != JsonValue::Kind::array) return;
  reading.beside = {};
  reading.has_other_model = false;
  iterations.each_element([&](JsonValue iteration) {
    const auto type = iteration.find("type").string(reading.scratch).value_or("");
    const bool is_advisor = type == "advisor_message";
    if (!is_advisor && type != "compaction") return;
    reading.has_other_model = reading.has_other_model || is_advisor;
    const auto usage = read_iteration(iteration);
    for (const auto& count : kUsageCounts) {
      reading.beside.*count.of = std::min(reading.beside.*count.of + usage.*count.of, kCountMax);
    }
  });
}

/// Fields to come are passed over.
void read_usage(AnswerReading& reading, JsonValue usage) {
  auto& counts = reading.counts;
  auto& mode = reading.facts.mode;
  usage.each_member([&](std::string_view key, JsonValue value) {
    if (key == "input_tokens") return overwrite(counts.input, value);
    if (key == "output_tokens") return overwrite(counts.output, value);
    if (key == "cache_creation_input_tokens") return overwrite(counts.cache_write, value);
    if (key == "cache_read_input_tokens") return overwrite(counts.cache_read, value);
    if (key == "cache_creation") {
      overwrite(counts.cache_write_5m, value.find("ephemeral_5m_input_tokens"));
      return overwrite(counts.cache_write_1h, value.find("ephemeral_1h_input_tokens"));
    }
    if (key == "output_tokens_details") return overwrite(counts.reasoning, value.find("thinking_tokens"));
    if (key == "server_tool_use") {
      overwrite(counts.web_searches, value.find("web_search_requests"));
      return overwrite(counts.web_fetches, value.find("web_fetch_requests"));
    }
    if (key == "iterations") return read_iterations(reading, value);
    if (key == "service_tier") return overwrite(mode.service_tier, value, reading.scratch);
    if (key == "speed") return overwrite(mode.speed, value, reading.scratch);
    if (key == "inference_geo") return overwrite(mode.inference_geo, value, reading.scratch);
  });
}

/// Of a whole message; a message_start has an empty content.
std::int64_t content_bytes(JsonValue content) {
  std::size_t bytes = 0;
  content.each_element([&](JsonValue block) {
    block.each_member([&](std::string_view key, JsonValue value) {
      if (key == "text" || key == "thinking") bytes += value.string_bytes();
      if (key == "input") bytes += value.raw().size();  // of a tool call
    });
  });
  return static_cast<std::int64_t>(bytes);
}

void read_message(AnswerReading& reading, JsonValue message) {
  auto& facts = reading.facts;
  message.each_member([&](std::string_view key, JsonValue value) {
    if (key == "id") return overwrite(facts.message_id, value, reading.scratch);
    if (key == "model") return overwrite(facts.model, value, reading.scratch);
    if (key == "stop_reason") return overwrite(facts.stop_reason, value, reading.scratch);
    if (key == "usage") return read_usage(reading, value);
    if (key == "content") reading.whole_text_bytes += content_bytes(value);
  });
}

void read_error(AnswerReading& reading, JsonValue root) {
  overwrite(reading.facts.error_type, root.find("error").find("type"), reading.scratch);
  if (reading.facts.error_type.empty()) reading.facts.error_type = "error";
}

std::int64_t delta_bytes(AnswerReading& reading, std::string_view data) {
  // As the API writes it; anything else is parsed.
  if (const auto delta = behind(data, R"("delta":{"type":")")) {
    for (const std::string_view opening : {R"(text_delta","text":")", R"(input_json_delta","partial_json":")",
                                           R"(thinking_delta","thinking":")"}) {
      if (!delta->starts_with(opening)) continue;
      if (const auto bytes = text_bytes(delta->substr(opening.size()))) return *bytes;
    }
    if (delta->starts_with("signature_delta\"")) return 0;
  }
  if (reading.json.read(data) != JsonFault::none) return 0;
  const auto delta = reading.json.root().find("delta");
  return static_cast<std::int64_t>(delta.find("text").string_bytes() +
                                   delta.find("partial_json").string_bytes() +
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
}

}  // namespace relay::anthropic_messages
