#include "dialect/openai_chat.h"

#include "dialect/openai_chunks.h"

namespace relay::openai_chat {
namespace {

/// Of a message or a delta: they have the same members.
std::size_t message_bytes(JsonValue message) {
  std::size_t bytes = message.find("content").string_bytes() + message.find("refusal").string_bytes() +
                      message.find("reasoning_content").string_bytes();
  message.find("tool_calls").each_element([&](JsonValue call) {
    const auto function = call.find("function");
    bytes += function.find("name").string_bytes() + function.find("arguments").string_bytes() +
             call.find("custom").find("input").string_bytes();
  });
  return bytes;
}

}  // namespace

void read_event(AnswerReading& reading, std::string_view /*name*/, std::string_view data) {
  openai::read_chunk(reading, data, R"("delta":{"content":")",
                     [](JsonValue choice) { return message_bytes(choice.find("delta")); });
}

void read_json(AnswerReading& reading, JsonValue root) {
  openai::read_whole(reading, root, reading.whole_text_bytes,
                     [](JsonValue choice) { return message_bytes(choice.find("message")); });
  reading.facts.complete = reading.facts.error_type.empty();
}

}  // namespace relay::openai_chat
