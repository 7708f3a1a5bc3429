#include "translate/messages_to_chat_answer.h"

#include "translate/chat_errors.h"
#include "translate/chat_fields.h"

#include <algorithm>
#include <array>

namespace relay::chat_translation {
namespace {

using Kind = JsonValue::Kind;

constexpr std::int64_t kCountMax = 1'000'000'000'000;  // as the usage reader has it: no sum overflows

constexpr std::array kFinishReasons{
    WordPair{"end_turn", "stop"},       WordPair{"stop_sequence", "stop"},
    WordPair{"max_tokens", "length"},   WordPair{"model_context_window_exceeded", "length"},
    WordPair{"tool_use", "tool_calls"}, WordPair{"refusal", "content_filter"},
};

void read_count(std::int64_t& count, JsonValue value) {
  if (const auto number = value.integer()) count = std::clamp<std::int64_t>(*number, 0, kCountMax);
}

// The texts of all blocks of a type as one string.
void write_joined(JsonText& out, JsonValue content, std::string_view type, std::string_view member) {
  out.open_text();
  content.each_element([&](JsonValue block) {
    if (inside(block.find("type")) == type) out.piece_of(block.find(member));
  });
  out.close_text();
}

bool write_call(JsonText& out, JsonValue block) {
  const auto id = block.find("id");
  const auto name = block.find("name");
  const auto input = block.find("input");
  if (id.kind() != Kind::string || name.kind() != Kind::string || input.kind() != Kind::object) return false;
  out.open().member("id", id).member_text("type", "function").key("function").open();
  out.member("name", name).member_text("arguments", input.raw()).close().close();
  return true;
}

struct Blocks {
  bool text = false;
  bool thinking = false;
  bool calls = false;
  bool others = false;
};

Blocks kinds_of(JsonValue content) {
  Blocks blocks;
  content.each_element([&](JsonValue block) {
    const auto type = inside(block.find("type"));
    if (type == "text") {
      blocks.text = true;
    } else if (type == "thinking") {
      blocks.thinking = blocks.thinking || !inside(block.find("thinking")).empty();
    } else if (type == "tool_use") {
      blocks.calls = true;
    } else if (type != "redacted_thinking") {
      blocks.others = true;
    }
  });
  return blocks;
}

bool write_message(JsonText& out, JsonValue content, const Blocks& blocks) {
  out.key("message").open().member_text("role", "assistant").key("content");
  if (blocks.text || !blocks.calls) {
    write_joined(out, content, "text", "text");
  } else {
    out.raw("null");
  }
  out.member_raw("refusal", "null");
  if (blocks.thinking) {
    out.key("reasoning_content");
    write_joined(out, content, "thinking", "thinking");
  }
  bool whole = true;
  if (blocks.calls) {
    out.key("tool_calls").open_list();
    content.each_element([&](JsonValue block) {
      if (inside(block.find("type")) == "tool_use") whole = write_call(out, block) && whole;
    });
    out.close_list();
  }
  out.close();
  return whole;
}

}  // namespace

std::string_view finish_reason_of(std::string_view stop_reason) {
  return word_for(kFinishReasons, stop_reason).value_or("stop");
}

void MessagesUsage::overwrite(JsonValue usage) {
  read_count(input, usage.find("input_tokens"));
  read_count(cache_read, usage.find("cache_read_input_tokens"));
  read_count(cache_written, usage.find("cache_creation_input_tokens"));
  read_count(output, usage.find("output_tokens"));
  read_count(thinking, usage.find("output_tokens_details").find("thinking_tokens"));
  if (const auto tier = inside(usage.find("service_tier")); !tier.empty()) priority = tier == "priority";
}

void MessagesUsage::write_to(JsonText& out) const {
  const auto prompt = input + cache_read + cache_written;
  out.open().member_number("prompt_tokens", prompt).member_number("completion_tokens", output);
  out.member_number("total_tokens", prompt + output).key("prompt_tokens_details").open();
  out.member_number("cached_tokens", cache_read).member_number("cache_write_tokens", cache_written).close();
  out.key("completion_tokens_details").open().member_number("reasoning_tokens", thinking).close().close();
}

Result<std::string> to_chat_answer(JsonValue root, WallTime now) {
  const auto id = root.find("id");
  const auto model = root.find("model");
  const auto content = root.find("content");
  if (inside(root.find("type")) != "message") return broken_answer("it is no message");
  if (id.kind() != Kind::string || model.kind() != Kind::string)
    return broken_answer("id or model is missing");
  if (content.kind() != Kind::array) return broken_answer("content is missing");
  const auto blocks = kinds_of(content);
  if (blocks.others) return broken_answer("a content block has a type that Chat has no place for");

  MessagesUsage usage;
  usage.overwrite(root.find("usage"));
  std::string body;
  JsonText out(body);
  out.open().member("id", id).member_text("object", "chat.completion");
  out.member_number("created", std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
  out.member("model", model).key("choices").open_list().open().member_number("index", 0);
  if (!write_message(out, content, blocks)) return broken_answer("a tool_use block is not whole");
  out.member_raw("logprobs", "null");
  out.member_text("finish_reason", finish_reason_of(inside(root.find("stop_reason")))).close().close_list();
  out.key("usage");
  usage.write_to(out);
  out.member_text("service_tier", usage.priority ? "priority" : "default").close();
  return body;
}

}  // namespace relay::chat_translation
