#include "dialect/openai_responses.h"

#include "dialect/openai_usage.h"

namespace relay::openai_responses {
namespace {

void read_response(AnswerReading& reading, JsonValue response) {
  auto& facts = reading.facts;
  overwrite(facts.message_id, response.find("id"), reading.scratch);
  overwrite(facts.model, response.find("model"), reading.scratch);
  overwrite(facts.mode.service_tier, response.find("service_tier"), reading.scratch);
  if (openai::read_usage(reading, response.find("usage"))) facts.output_reported = true;
}

void read_end(AnswerReading& reading, JsonValue response) {
  auto& facts = reading.facts;
  read_response(reading, response);
  overwrite(facts.stop_reason, response.find("status"), reading.scratch);
  overwrite(facts.stop_reason, response.find("incomplete_details").find("reason"), reading.scratch);
  if (response.find("error").kind() == JsonValue::Kind::object)
    openai::read_error(reading, response.find("error"));
  if (facts.stop_reason == "failed" && facts.error_type.empty()) facts.error_type = "response_failed";
  facts.complete = facts.error_type.empty();
}

/// Of an output item: a message, a reasoning item, a function or custom tool call.
std::size_t item_bytes(JsonValue item) {
  std::size_t bytes = item.find("name").string_bytes() + item.find("arguments").string_bytes() +
                      item.find("input").string_bytes();
  const auto add = [&](JsonValue part) {
    bytes += part.find("text").string_bytes() + part.find("refusal").string_bytes();
  };
  item.find("content").each_element(add);
  item.find("summary").each_element(add);
  return bytes;
}

/// Each search of the tool is billed; opening a page that it found, or looking on it, is not
/// (platform.openai.com, "Web search"). Calls of before actions had a name were searches.
bool is_search(AnswerReading& reading, JsonValue item) {
  if (item.find("type").string(reading.scratch).value_or("") != "web_search_call") return false;
  const auto action = item.find("action").find("type").string(reading.scratch).value_or("search");
  return action == "search";
}

void count_item(AnswerReading& reading, JsonValue item) {
  reading.whole_text_bytes += static_cast<std::int64_t>(item_bytes(item));
  if (is_search(reading, item)) ++reading.search_items;
}

std::string_view type_of_event(AnswerReading& reading, std::string_view data) {
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
  if (name.empty()) name = type_of_event(reading, data);
  if (name.ends_with(".delta")) {
    // Base64 of sound and pictures is no text; the transcript is.
    if (name == "response.audio.delta") return;
    const auto text = behind(data, R"("delta":")");
    if (const auto bytes = text ? text_bytes(*text) : std::nullopt) {
      reading.delta_text_bytes += *bytes;
    } else if (reading.json.read(data) == JsonFault::none) {
      reading.delta_text_bytes += static_cast<std::int64_t>(reading.json.root().find("delta").string_bytes());
    }
    return;
  }
  const bool is_end =
      name == "response.completed" || name == "response.incomplete" || name == "response.failed";
  const bool is_start = name == "response.created";
  const bool is_item = name == "response.output_item.done";
  const bool is_error = name == "error";
  if (!is_end && !is_start && !is_item && !is_error) return;
  const bool has_failed = name == "response.failed";
  if (reading.json.read(data) != JsonFault::none) return;
  const auto root = reading.json.root();
  if (is_start) return read_response(reading, root.find("response"));
  if (is_item) return count_item(reading, root.find("item"));
  if (is_error) return openai::read_error(reading, root.find("error") ? root.find("error") : root);
  read_end(reading, root.find("response"));
  if (has_failed && reading.facts.error_type.empty()) reading.facts.error_type = "response_failed";
  reading.facts.complete = reading.facts.error_type.empty();
}

void read_json(AnswerReading& reading, JsonValue root) {
  if (!root.find("id") && root.find("error").kind() == JsonValue::Kind::object) {
    return openai::read_error(reading, root.find("error"));
  }
  read_end(reading, root);
  root.find("output").each_element([&](JsonValue item) { count_item(reading, item); });
}

}  // namespace relay::openai_responses
