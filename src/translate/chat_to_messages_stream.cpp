#include "translate/chat_to_messages_stream.h"

#include "translate/chat_errors.h"
#include "translate/chat_to_messages_answer.h"

namespace relay::chat_translation {
namespace {

using Kind = JsonValue::Kind;

// "event: NAME\ndata: {"type":"NAME"": the rest is written behind it.
JsonText begin_event(std::string& out, std::string_view name) {
  out += "event: ";
  out += name;
  out += "\ndata: ";
  JsonText event(out);
  event.open().member_text("type", name);
  return event;
}

void end_event(JsonText& event, std::string& out) {
  event.close();
  out += "\n\n";
}

bool is_there(JsonValue value) { return value && value.kind() != Kind::null; }

JsonValue first_of(JsonValue array) {
  JsonValue first;
  array.each_element([&first](JsonValue element) {
    if (!first) first = element;
  });
  return first;
}

}  // namespace

void ChatToMessagesStream::event(std::string_view data, std::string& out) {
  if (state_ == State::ended) return;
  if (data == "[DONE]") {
    if (state_ == State::finished) return finish(out);
    return fail(messages_stream_error(kStreamCut), out);
  }
  if (!read_whole(index_, data) || index_.root().kind() != Kind::object || !take(index_.root(), out))
    fail(messages_stream_error(kStreamBroken), out);
}

void ChatToMessagesStream::end(std::string& out) {
  if (state_ != State::ended) fail(messages_stream_error(kStreamCut), out);
}

bool ChatToMessagesStream::take(JsonValue root, std::string& out) {
  if (const auto error = root.find("error"); is_there(error)) {
    fail(to_messages_error(error), out);
    return true;
  }
  keep_usage(root);
  const auto choice = first_of(root.find("choices"));
  return !choice || take_choice(root, choice, out);
}

// The usage may come with the last choice or alone behind it; where it comes with each chunk the last one
// counts.
void ChatToMessagesStream::keep_usage(JsonValue root) {
  const auto usage = root.find("usage");
  if (usage.kind() != Kind::object) return;
  usage_.clear();
  JsonText text(usage_);
  write_messages_usage(text, usage, {});
}

bool ChatToMessagesStream::take_choice(JsonValue root, JsonValue choice, std::string& out) {
  if (state_ == State::before && !start_message(root, out)) return false;
  const auto delta = choice.find("delta");
  if (is_there(delta) && !add_delta(delta, out)) return false;
  const auto reason = inside(choice.find("finish_reason"));
  if (reason.empty() || state_ == State::finished) return true;
  finish_reason_ = reason;
  state_ = State::finished;
  close_block(out);
  return true;
}

bool ChatToMessagesStream::start_message(JsonValue root, std::string& out) {
  const auto id = root.find("id");
  const auto model = root.find("model");
  if (id.kind() != Kind::string || model.kind() != Kind::string) return false;
  auto event = begin_event(out, "message_start");
  event.key("message")
      .open()
      .member("id", id)
      .member_text("type", "message")
      .member_text("role", "assistant");
  event.member("model", model).member_raw("content", "[]").member_raw("stop_reason", "null");
  // Chat tells its usage at the end; message_delta has it.
  event.member_raw("stop_sequence", "null").key("usage");
  write_messages_usage(event, {}, inside(root.find("service_tier")));
  event.close();
  end_event(event, out);
  state_ = State::open;
  return true;
}

bool ChatToMessagesStream::add_delta(JsonValue delta, std::string& out) {
  const auto text = delta.find("content");
  const auto refusal = delta.find("refusal");
  const auto calls = delta.find("tool_calls");
  if (is_there(delta.find("audio")) || is_there(delta.find("function_call"))) return false;
  const bool says = !inside(text).empty() || !inside(refusal).empty() || first_of(calls);
  if (says && state_ == State::finished) return false;
  if (shows_thinking_ && state_ == State::open) add_text(Block::thinking, reasoning_of(delta), out);
  add_text(Block::text, text, out);
  if (!inside(refusal).empty()) {
    refuses_ = true;
    add_text(Block::text, refusal, out);
  }
  bool whole = true;
  calls.each_element([&](JsonValue call) { whole = whole && add_call(call, out); });
  return whole;
}

void ChatToMessagesStream::add_text(Block block, JsonValue text, std::string& out) {
  if (inside(text).empty()) return;
  if (block_ != block) {
    close_block(out);
    open_block(block, out);
  }
  auto event = begin_event(out, "content_block_delta");
  event.member_number("index", blocks_ - 1).key("delta").open();
  if (block == Block::text) {
    event.member_text("type", "text_delta").member("text", text);
  } else {
    event.member_text("type", "thinking_delta").member("thinking", text);
  }
  event.close();
  end_event(event, out);
}

// Some servers give every call the index 0, or none, and tell them apart by their ids.
bool ChatToMessagesStream::is_new_call(JsonValue call) const {
  const auto index = call.find("index").integer().value_or(call_);
  const auto id = inside(call.find("id"));
  return index > call_ || (index == call_ && !id.empty() && id != call_id_);
}

bool ChatToMessagesStream::add_call(JsonValue call, std::string& out) {
  if (is_new_call(call)) {
    if (!start_call(call, out)) return false;
  } else if (block_ != Block::call || call.find("index").integer().value_or(call_) != call_) {
    return false;
  }
  const auto arguments = call.find("function").find("arguments");
  if (inside(arguments).empty()) return true;
  auto event = begin_event(out, "content_block_delta");
  event.member_number("index", blocks_ - 1).key("delta").open().member_text("type", "input_json_delta");
  event.member("partial_json", arguments).close();
  end_event(event, out);
  return true;
}

bool ChatToMessagesStream::start_call(JsonValue call, std::string& out) {
  const auto id = call.find("id");
  const auto name = call.find("function").find("name");
  if (inside(id).empty() || inside(name).empty()) return false;
  close_block(out);
  call_ = call.find("index").integer().value_or(call_ < 0 ? 0 : call_);
  call_id_ = inside(id);
  any_call_ = true;
  block_ = Block::call;
  auto event = begin_event(out, "content_block_start");
  event.member_number("index", blocks_++).key("content_block").open().member_text("type", "tool_use");
  event.member("id", id).member("name", name).member_raw("input", "{}").close();
  end_event(event, out);
  return true;
}

void ChatToMessagesStream::open_block(Block block, std::string& out) {
  block_ = block;
  auto event = begin_event(out, "content_block_start");
  event.member_number("index", blocks_++).key("content_block").open();
  if (block == Block::text) {
    event.member_text("type", "text").member_text("text", "");
  } else {
    event.member_text("type", "thinking").member_text("thinking", "").member_text("signature", "");
  }
  event.close();
  end_event(event, out);
}

void ChatToMessagesStream::close_block(std::string& out) {
  if (block_ == Block::none) return;
  block_ = Block::none;
  auto event = begin_event(out, "content_block_stop");
  event.member_number("index", blocks_ - 1);
  end_event(event, out);
}

void ChatToMessagesStream::finish(std::string& out) {
  auto delta = begin_event(out, "message_delta");
  delta.key("delta").open().member_text("stop_reason", stop_reason_of(finish_reason_, any_call_, refuses_));
  delta.member_raw("stop_sequence", "null").close().key("usage");
  if (usage_.empty()) {
    write_messages_usage(delta, {}, {});
  } else {
    delta.raw(usage_);
  }
  end_event(delta, out);
  auto stop = begin_event(out, "message_stop");
  end_event(stop, out);
  state_ = State::ended;
}

void ChatToMessagesStream::fail(std::string_view error, std::string& out) {
  out += "event: error\ndata: ";
  out += error;
  out += "\n\n";
  state_ = State::ended;
}

}  // namespace relay::chat_translation
