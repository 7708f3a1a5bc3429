#include "translate/responses_to_messages_stream.h"

#include "translate/messages_responses_words.h"
#include "translate/responses_to_messages_answer.h"
#include "translate/sse_frames.h"

#include <boost/json/array.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace relay::messages_responses {
namespace {

namespace json = boost::json;

const json::object& none() {
  static const json::object empty;
  return empty;
}

const json::object& member(const json::object& from, std::string_view name) {
  const auto* found = object_in(from, name);
  return found == nullptr ? none() : *found;
}

}  // namespace

struct MessageStream::Row {
  std::string_view type;
  Handler handler;
};

const MessageStream::Row MessageStream::kRows[] = {
    {"response.created", &MessageStream::on_start},
    {"response.queued", &MessageStream::on_start},
    {"response.in_progress", &MessageStream::on_start},
    {"response.output_item.added", &MessageStream::on_item_added},
    {"response.output_item.done", &MessageStream::on_item_done},
    {"response.content_part.added", &MessageStream::on_part_added},
    {"response.content_part.done", &MessageStream::on_part_done},
    {"response.output_text.delta", &MessageStream::on_text_delta},
    {"response.refusal.delta", &MessageStream::on_refusal_delta},
    {"response.function_call_arguments.delta", &MessageStream::on_arguments_delta},
    {"response.reasoning_summary_part.added", &MessageStream::on_thought_part},
    {"response.reasoning_summary_text.delta", &MessageStream::on_thought_delta},
    {"response.reasoning_text.delta", &MessageStream::on_thought_delta},
    {"response.completed", &MessageStream::on_completed},
    {"response.incomplete", &MessageStream::on_incomplete},
    {"response.failed", &MessageStream::on_failed},
    {"error", &MessageStream::on_failed},
};

void MessageStream::event(std::string_view type, const json::object& event, std::string& out) {
  if (state_ == State::over) return;
  const auto* row = std::ranges::find(kRows, type, &Row::type);
  if (row != std::end(kRows)) return (this->*row->handler)(event, out);
  // Of what is not known only deltas have content that stands nowhere else.
  if (type.ends_with(".delta")) broken(out);
}

void MessageStream::on_start(const json::object& event, std::string& out) {
  start(member(event, "response"), out);
}

void MessageStream::start(const json::object& response, std::string& out) {
  if (std::exchange(state_, State::streaming) != State::before) return;
  json::object message{{"id", to_message_id(text_in(response, "id"))},
                       {"type", "message"},
                       {"role", "assistant"},
                       {"model", text_in(response, "model")},
                       {"content", json::array()},
                       {"stop_reason", nullptr},
                       {"stop_sequence", nullptr},
                       {"usage", to_message_usage(response)}};
  append_sse_frame(out, "message_start", {{"type", "message_start"}, {"message", std::move(message)}});
}

void MessageStream::on_item_added(const json::object& event, std::string& out) {
  start(none(), out);
  if (item_open_) return broken(out);
  item_open_ = true;
  item_ = count_in(event, "output_index");
  parts_done_ = 0;
  const auto& item = member(event, "item");
  const auto type = text_in(item, "type");
  if (type == "function_call") return open_call(item, out);
  if (type == "reasoning" && asked_.thinking) {
    return open_block(Block::thought, {{"type", "thinking"}, {"thinking", ""}, {"signature", ""}}, out);
  }
  if (type != "reasoning" && type != "message") broken(out);
}

void MessageStream::on_item_done(const json::object& event, std::string& out) {
  start(none(), out);
  if (!item_open_) {
    // An upstream that says each item once, when it is done.
    item_ = count_in(event, "output_index");
    parts_done_ = 0;
  } else if (!is_at_hand(event)) {
    return broken(out);
  }
  item_done(member(event, "item"), out);
}

void MessageStream::item_done(const json::object& item, std::string& out) {
  const auto type = text_in(item, "type");
  if (type == "message") {
    message_done(item, out);
  } else if (type == "function_call") {
    call_done(item, out);
  } else if (type == "reasoning") {
    thought_done(item, out);
  } else {
    return broken(out);
  }
  if (state_ == State::over) return;
  close_block(out);
  item_open_ = false;
  has_items_ = true;
}

void MessageStream::message_done(const json::object& item, std::string& out) {
  const auto* parts = list_in(item, "content");
  if (parts == nullptr) return;
  for (auto i = static_cast<std::size_t>(parts_done_); i < parts->size(); ++i) {
    const auto* part = (*parts)[i].if_object();
    if (part == nullptr) return broken(out);
    const bool refuses = text_in(*part, "type") == "refusal";
    if (!refuses && text_in(*part, "type") != "output_text") return broken(out);
    refuses_ = refuses_ || refuses;
    open_text(static_cast<std::int64_t>(i), out);
    rest("text_delta", "text", text_in(*part, refuses ? "refusal" : "text"), out);
    close_block(out);
  }
}

void MessageStream::call_done(const json::object& item, std::string& out) {
  if (block_ != Block::call) open_call(item, out);
  if (state_ != State::over) rest("input_json_delta", "partial_json", text_in(item, "arguments"), out);
}

void MessageStream::thought_done(const json::object& item, std::string& out) {
  if (!asked_.thinking) return;
  if (block_ != Block::thought) {
    open_block(Block::thought, {{"type", "thinking"}, {"thinking", ""}, {"signature", ""}}, out);
  }
  rest("thinking_delta", "thinking", to_thought(item), out);
  delta("signature_delta", "signature", to_signature(item), out);
}

void MessageStream::on_part_added(const json::object& event, std::string& out) {
  if (!is_at_hand(event)) return broken(out);
  const auto type = text_in(member(event, "part"), "type");
  if (type == "output_text" || type == "refusal") return open_text(count_in(event, "content_index"), out);
  if (type != "reasoning_text") broken(out);
}

void MessageStream::on_part_done(const json::object& event, std::string& out) {
  if (!is_at_hand(event)) return broken(out);
  if (block_ != Block::text) return;
  const auto& part = member(event, "part");
  const bool refuses = text_in(part, "type") == "refusal";
  rest("text_delta", "text", text_in(part, refuses ? "refusal" : "text"), out);
  close_block(out);
}

void MessageStream::on_text_delta(const json::object& event, std::string& out) { text_delta(event, out); }

void MessageStream::on_refusal_delta(const json::object& event, std::string& out) {
  refuses_ = true;
  text_delta(event, out);
}

void MessageStream::text_delta(const json::object& event, std::string& out) {
  if (!is_at_hand(event)) return broken(out);
  open_text(count_in(event, "content_index"), out);
  delta("text_delta", "text", text_in(event, "delta"), out);
}

void MessageStream::on_arguments_delta(const json::object& event, std::string& out) {
  if (!is_at_hand(event) || block_ != Block::call) return broken(out);
  delta("input_json_delta", "partial_json", text_in(event, "delta"), out);
}

void MessageStream::on_thought_part(const json::object& event, std::string& out) {
  if (!is_at_hand(event)) return broken(out);
  if (block_ == Block::thought && said_bytes_ > 0) delta("thinking_delta", "thinking", "\n\n", out);
}

void MessageStream::on_thought_delta(const json::object& event, std::string& out) {
  if (!is_at_hand(event)) return broken(out);
  if (block_ == Block::thought) delta("thinking_delta", "thinking", text_in(event, "delta"), out);
}

void MessageStream::on_completed(const json::object& event, std::string& out) {
  finish("completed", event, out);
}
void MessageStream::on_incomplete(const json::object& event, std::string& out) {
  finish("incomplete", event, out);
}

void MessageStream::finish(std::string_view status, const json::object& event, std::string& out) {
  const auto& response = member(event, "response");
  start(response, out);
  close_block(out);
  // An upstream that says everything at once, in the end.
  const bool nothing_was_said = !item_open_ && !has_items_;
  const auto* output = nothing_was_said ? list_in(response, "output") : nullptr;
  for (std::size_t i = 0; output != nullptr && i < output->size(); ++i) {
    const auto* item = (*output)[i].if_object();
    if (item == nullptr) return broken(out);
    parts_done_ = 0;
    item_done(*item, out);
    if (state_ == State::over) return;
  }
  state_ = State::over;
  const auto reason = to_stop_reason(status, response, calls_tool_, refuses_);
  append_sse_frame(out, "message_delta",
                   {{"type", "message_delta"},
                    {"delta", json::object{{"stop_reason", reason}, {"stop_sequence", nullptr}}},
                    {"usage", to_message_usage(response)}});
  append_sse_frame(out, "message_stop", {{"type", "message_stop"}});
}

void MessageStream::on_failed(const json::object& event, std::string& out) {
  const auto* nested = object_in(event, "error");
  if (nested == nullptr) nested = object_in(member(event, "response"), "error");
  const auto& error = nested == nullptr ? event : *nested;
  const auto code = text_in(error, "code");
  auto message = shown_message(text_in(error, "message"), 0);
  if (code == kContextExceeded) message = std::string(kPromptTooLong) + ": " + message;
  fail(to_anthropic_error(0, code, nested == nullptr ? std::string_view() : text_in(error, "type")), message,
       out);
}

void MessageStream::fail(std::string_view type, std::string_view message, std::string& out) {
  if (std::exchange(state_, State::over) == State::over) return;
  append_sse_frame(out, "error",
                   {{"type", "error"}, {"error", json::object{{"type", type}, {"message", message}}}});
}

void MessageStream::broken(std::string& out) {
  fail("api_error", "The upstream's stream can't be carried to this client", out);
}

void MessageStream::end(std::string& out) {
  fail("api_error", "The upstream's stream was cut before its end", out);
}

bool MessageStream::is_at_hand(const json::object& event) const {
  return item_open_ && optional_count_in(event, "output_index").value_or(item_) == item_;
}

void MessageStream::open_block(Block kind, json::object block, std::string& out) {
  close_block(out);
  block_ = kind;
  said_bytes_ = 0;
  append_sse_frame(
      out, "content_block_start",
      {{"type", "content_block_start"}, {"index", next_block_}, {"content_block", std::move(block)}});
}

void MessageStream::open_text(std::int64_t part, std::string& out) {
  if (block_ == Block::text && part_ == part) return;
  open_block(Block::text, {{"type", "text"}, {"text", ""}}, out);
  part_ = part;
}

void MessageStream::open_call(const json::object& item, std::string& out) {
  const auto id = text_in(item, "call_id");
  if (id.empty()) return broken(out);
  calls_tool_ = true;
  open_block(Block::call,
             {{"type", "tool_use"}, {"id", id}, {"name", text_in(item, "name")}, {"input", json::object()}},
             out);
}

void MessageStream::delta(std::string_view type, std::string_view member, std::string_view piece,
                          std::string& out) {
  if (piece.empty()) return;
  said_bytes_ += piece.size();
  append_sse_frame(out, "content_block_delta",
                   {{"type", "content_block_delta"},
                    {"index", next_block_},
                    {"delta", json::object{{"type", type}, {member, piece}}}});
}

void MessageStream::rest(std::string_view type, std::string_view member, std::string_view whole,
                         std::string& out) {
  if (whole.size() > said_bytes_) delta(type, member, whole.substr(said_bytes_), out);
}

void MessageStream::close_block(std::string& out) {
  const auto kind = std::exchange(block_, Block::none);
  if (kind == Block::none) return;
  if (kind == Block::text) ++parts_done_;
  append_sse_frame(out, "content_block_stop", {{"type", "content_block_stop"}, {"index", next_block_}});
  ++next_block_;
}

}  // namespace relay::messages_responses
