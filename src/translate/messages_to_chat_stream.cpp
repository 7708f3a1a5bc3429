#include "translate/messages_to_chat_stream.h"

#include "translate/chat_errors.h"

namespace relay::chat_translation {
namespace {

using Kind = JsonValue::Kind;

constexpr std::size_t kHeadBytesMax = 1024;  // of id and model, which every chunk repeats

bool is_thinking(std::string_view type) { return type == "thinking" || type == "redacted_thinking"; }

bool has_members(JsonValue object) {
  bool any = false;
  object.each_member([&any](std::string_view, JsonValue) { any = true; });
  return any;
}

}  // namespace

void MessagesToChatStream::event(std::string_view name, std::string_view data, std::string& out) {
  if (state_ == State::ended) return;
  if (!read_whole(index_, data) || index_.root().kind() != Kind::object)
    return fail(chat_stream_error(kStreamBroken), out);
  const auto root = index_.root();
  if (name.empty()) name = inside(root.find("type"));
  if (!take(name, root, out)) fail(chat_stream_error(kStreamBroken), out);
}

void MessagesToChatStream::end(std::string& out) {
  if (state_ != State::ended) fail(chat_stream_error(kStreamCut), out);
}

// False: no event of a Messages stream here, or one with content that Chat has no place for. Other events
// that are not known have no content: Messages has all of it in content blocks.
bool MessagesToChatStream::take(std::string_view name, JsonValue root, std::string& out) {
  if (name == "message_start") return state_ == State::before && start_message(root.find("message"), out);
  if (name == "message_delta") return state_ != State::before && take_message_delta(root, out);
  if (name == "message_stop") return state_ == State::finished && stop_message(out);
  if (name.starts_with("content_block_")) return state_ == State::open && take_block_event(name, root, out);
  if (name == "error") fail(to_chat_error(root.find("error")), out);
  if (name == "ping") out += ": ping\n\n";
  return true;
}

bool MessagesToChatStream::take_block_event(std::string_view name, JsonValue root, std::string& out) {
  if (name == "content_block_start") return start_block(root.find("content_block"), out);
  if (name == "content_block_delta") return add_delta(root.find("delta"), out);
  if (name == "content_block_stop") return stop_block(out);
  return false;
}

bool MessagesToChatStream::start_message(JsonValue message, std::string& out) {
  const auto id = message.find("id");
  const auto model = message.find("model");
  if (id.kind() != Kind::string || model.kind() != Kind::string) return false;
  if (id.raw().size() + model.raw().size() > kHeadBytesMax) return false;
  usage_.overwrite(message.find("usage"));
  const auto now = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
  JsonText head(head_);
  head.open().member("id", id).member_text("object", "chat.completion.chunk").member_number("created", now);
  head.member("model", model);
  state_ = State::open;
  auto chunk = begin_chunk(out);
  chunk.member_text("role", "assistant").member_text("content", "").member_raw("refusal", "null");
  end_choice(chunk, out);
  return true;
}

bool MessagesToChatStream::start_block(JsonValue block, std::string& out) {
  const auto type = inside(block.find("type"));
  in_call_ = false;
  if (type == "text") return add_text("content", block.find("text"), out);
  if (is_thinking(type)) return add_text("reasoning_content", block.find("thinking"), out);
  if (type != "tool_use") return false;
  if (block.find("id").kind() != Kind::string || block.find("name").kind() != Kind::string) return false;
  add_call_start(block, out);
  return true;
}

void MessagesToChatStream::add_call_start(JsonValue block, std::string& out) {
  ++call_;
  in_call_ = true;
  const auto input = block.find("input");
  has_arguments_ = input.kind() == Kind::object && has_members(input);
  auto chunk = begin_chunk(out);
  chunk.key("tool_calls").open_list().open().member_number("index", call_).member("id", block.find("id"));
  chunk.member_text("type", "function").key("function").open().member("name", block.find("name"));
  chunk.member_text("arguments", has_arguments_ ? input.raw() : std::string_view());
  chunk.close().close().close_list();
  end_choice(chunk, out);
}

bool MessagesToChatStream::add_delta(JsonValue delta, std::string& out) {
  const auto type = inside(delta.find("type"));
  if (type == "text_delta") return add_text("content", delta.find("text"), out);
  if (type == "thinking_delta") return add_text("reasoning_content", delta.find("thinking"), out);
  if (type == "input_json_delta") {
    if (in_call_) add_arguments(inside(delta.find("partial_json")), out);
    return in_call_;
  }
  // Notes on what has come: Chat has no place for a signature, and nobody asked for citations.
  return type == "signature_delta" || type == "citations_delta";
}

void MessagesToChatStream::add_arguments(std::string_view inside_of_string, std::string& out) {
  if (inside_of_string.empty()) return;
  has_arguments_ = true;
  auto chunk = begin_chunk(out);
  chunk.key("tool_calls").open_list().open().member_number("index", call_).key("function").open();
  chunk.key("arguments").open_text();
  out += inside_of_string;
  chunk.close_text().close().close().close_list();
  end_choice(chunk, out);
}

bool MessagesToChatStream::stop_block(std::string& out) {
  // A call without arguments: clients of Chat parse them all the same.
  if (in_call_ && !has_arguments_) add_arguments("{}", out);
  in_call_ = false;
  return true;
}

// More than one may come; the first with a reason ends the content, the last one's usage counts.
bool MessagesToChatStream::take_message_delta(JsonValue root, std::string& out) {
  usage_.overwrite(root.find("usage"));
  const auto reason = inside(root.find("delta").find("stop_reason"));
  if (reason.empty() || state_ != State::open) return true;
  state_ = State::finished;
  auto chunk = begin_chunk(out);
  end_choice(chunk, out, finish_reason_of(reason));
  return true;
}

bool MessagesToChatStream::stop_message(std::string& out) {
  if (includes_usage_) {
    out += "data: ";
    out += head_;
    JsonText chunk(out);
    chunk.member_raw("choices", "[]").key("usage");
    usage_.write_to(chunk);
    chunk.member_text("service_tier", usage_.priority ? "priority" : "default").close();
    out += "\n\n";
  }
  out += "data: [DONE]\n\n";
  state_ = State::ended;
  return true;
}

bool MessagesToChatStream::add_text(std::string_view field, JsonValue text, std::string& out) {
  if (inside(text).empty()) return true;
  auto chunk = begin_chunk(out);
  chunk.member(field, text);
  end_choice(chunk, out);
  return true;
}

JsonText MessagesToChatStream::begin_chunk(std::string& out) const {
  out += "data: ";
  out += head_;
  JsonText chunk(out);
  chunk.key("choices").open_list().open().member_raw("index", "0").key("delta").open();
  return chunk;
}

void MessagesToChatStream::end_choice(JsonText& chunk, std::string& out,
                                      std::string_view finish_reason) const {
  chunk.close().member_raw("logprobs", "null").key("finish_reason");
  if (finish_reason.empty()) {
    chunk.raw("null");
  } else {
    chunk.text(finish_reason);
  }
  chunk.close().close_list();
  if (includes_usage_) chunk.member_raw("usage", "null");
  chunk.close();
  out += "\n\n";
}

void MessagesToChatStream::fail(std::string_view error, std::string& out) {
  out += "data: ";
  out += error;
  out += "\n\n";
  state_ = State::ended;
}

}  // namespace relay::chat_translation
