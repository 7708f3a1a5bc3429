#include "translate/chat_to_messages_answer.h"

#include "translate/chat_errors.h"
#include "translate/chat_fields.h"

#include <algorithm>
#include <array>

namespace relay::chat_translation {
namespace {

using Kind = JsonValue::Kind;

constexpr std::int64_t kCountMax = 1'000'000'000'000;  // as the usage reader has it: no sum overflows

constexpr std::array kStopReasons{
    WordPair{"stop", "end_turn"},          WordPair{"length", "max_tokens"},
    WordPair{"tool_calls", "tool_use"},    WordPair{"function_call", "tool_use"},
    WordPair{"content_filter", "refusal"},
};
constexpr std::array kTiers{WordPair{"default", "standard"}, WordPair{"priority", "priority"}};

std::int64_t count_in(JsonValue usage, std::string_view name) {
  return std::clamp<std::int64_t>(usage.find(name).integer().value_or(0), 0, kCountMax);
}

void add_text(JsonText& out, JsonValue text) {
  if (inside(text).empty()) return;
  out.open().member_text("type", "text").member("text", text).close();
}

void add_thinking(JsonText& out, JsonValue text) {
  if (inside(text).empty()) return;
  out.open().member_text("type", "thinking").member("thinking", text).member_text("signature", "").close();
}

class Writer {
 public:
  Writer(JsonValue root, bool shows_thinking, JsonIndex& arguments)
      : root_(root), choice_(first_choice(root)), shows_thinking_(shows_thinking), arguments_(arguments) {}

  Result<std::string> write() {
    const auto id = root_.find("id");
    const auto model = root_.find("model");
    const auto message = choice_.find("message");
    if (id.kind() != Kind::string || model.kind() != Kind::string)
      return broken_answer("id or model is missing");
    if (message.kind() != Kind::object) return broken_answer("there is no message");
    out_.open().member("id", id).member_text("type", "message").member_text("role", "assistant");
    out_.member("model", model).key("content").open_list();
    CHECK(content(message));
    out_.close_list();
    const auto reason = stop_reason_of(finish_reason(), calls_, !inside(message.find("refusal")).empty());
    out_.member_text("stop_reason", reason).member_raw("stop_sequence", "null").key("usage");
    write_messages_usage(out_, root_.find("usage"), inside(root_.find("service_tier")));
    out_.close();
    return std::move(body_);
  }

 private:
  static JsonValue first_choice(JsonValue root) {
    JsonValue first;
    root.find("choices").each_element([&first](JsonValue choice) {
      if (!first) first = choice;
    });
    return first;
  }

  std::string_view finish_reason() const { return inside(choice_.find("finish_reason")); }

  Result<> content(JsonValue message) {
    if (shows_thinking_) add_thinking(out_, reasoning_of(message));
    add_text(out_, message.find("content"));
    add_text(out_, message.find("refusal"));
    const auto audio = message.find("audio");
    if (audio && audio.kind() != Kind::null)
      return broken_answer("it has audio, which Messages has no place for");
    Result<> result;
    message.find("tool_calls").each_element([&](JsonValue call) {
      if (result.has_value()) result = add_call(call);
    });
    return result;
  }

  Result<> add_call(JsonValue call) {
    const auto id = call.find("id");
    const auto function = call.find("function");
    const auto name = function.find("name");
    if (id.kind() != Kind::string || name.kind() != Kind::string)
      return broken_answer("a tool call is not whole");
    const auto text = function.find("arguments").string(scratch_);
    const bool none = !text || text->empty();
    if (!none && (!read_whole(arguments_, *text) || arguments_.root().kind() != Kind::object)) {
      // The limit of tokens cut it: Messages has no place for the half of an object.
      if (finish_reason() == "length") return {};
      return broken_answer("the arguments of a tool call are no JSON object");
    }
    calls_ = true;
    out_.open().member_text("type", "tool_use").member("id", id).member("name", name);
    out_.member_raw("input", none ? std::string_view("{}") : arguments_.root().raw()).close();
    return {};
  }

  JsonValue root_;
  JsonValue choice_;
  bool shows_thinking_;
  JsonIndex& arguments_;
  std::string scratch_;
  std::string body_;
  JsonText out_{body_};
  bool calls_ = false;
};

}  // namespace

std::string_view stop_reason_of(std::string_view finish_reason, bool calls, bool refuses) {
  if (refuses) return "refusal";
  if (finish_reason == "stop" && calls) return "tool_use";
  return word_for(kStopReasons, finish_reason).value_or("end_turn");
}

JsonValue reasoning_of(JsonValue message_or_delta) {
  const auto text = message_or_delta.find("reasoning_content");
  return text.kind() == Kind::string ? text : message_or_delta.find("reasoning");
}

void write_messages_usage(JsonText& out, JsonValue usage, std::string_view service_tier) {
  const auto of_prompt = usage.find("prompt_tokens_details");
  const auto cached = count_in(of_prompt, "cached_tokens");
  const auto written = count_in(of_prompt, "cache_write_tokens");
  const auto input = std::max<std::int64_t>(0, count_in(usage, "prompt_tokens") - cached - written);
  out.open().member_number("input_tokens", input).member_number("cache_creation_input_tokens", written);
  out.member_number("cache_read_input_tokens", cached);
  out.member_number("output_tokens", count_in(usage, "completion_tokens"));
  const auto reasoning = count_in(usage.find("completion_tokens_details"), "reasoning_tokens");
  if (reasoning > 0)
    out.key("output_tokens_details").open().member_number("thinking_tokens", reasoning).close();
  if (const auto tier = word_for(kTiers, service_tier)) out.member_text("service_tier", *tier);
  out.close();
}

Result<std::string> to_messages_answer(JsonValue root, bool shows_thinking, JsonIndex& arguments) {
  return Writer(root, shows_thinking, arguments).write();
}

}  // namespace relay::chat_translation
