#include "translate/messages_to_responses_items.h"

#include "text/utf8.h"
#include "translate/json_text.h"
#include "translate/messages_responses_words.h"
#include "translate/sse_frames.h"

#include <algorithm>
#include <utility>

namespace relay::messages_responses {
namespace {

namespace json = boost::json;

constexpr std::size_t kBlockBytes = 512;  // what a block without content takes

json::object output_text(std::string_view text) {
  return {
      {"type", "output_text"}, {"text", text}, {"annotations", json::array()}, {"logprobs", json::array()}};
}
json::object summary_text(std::string_view text) { return {{"type", "summary_text"}, {"text", text}}; }

json::object with(json::object place, std::string_view name, json::value value) {
  place[name] = std::move(value);
  return place;
}
json::object with(json::object place, std::string_view name, std::string_view text) {
  place[name] = text;
  return place;
}

}  // namespace

void ResponsesEvents::append(std::string& out, std::string_view type, const json::object& data) {
  json::object event;
  event.reserve(data.size() + 2);
  event["type"] = type;
  event["sequence_number"] = next_++;
  for (const auto& [name, value] : data) event[name] = value;
  append_sse_frame(out, type, event);
}

void OutputItems::name(std::string_view message_id) {
  constexpr std::string_view kPrefix = "msg_";
  base_id_ = message_id.starts_with(kPrefix) ? message_id.substr(kPrefix.size()) : message_id;
}

std::string OutputItems::next_id(std::string_view prefix) const {
  return std::string(prefix) + base_id_ + "_" + std::to_string(items_.size());
}

json::object OutputItems::place() const {
  return {{"item_id", item_.at("id")}, {"output_index", items_.size()}};
}

json::object OutputItems::part_place() const { return with(place(), "content_index", parts_.size()); }

void OutputItems::add_item(json::object item, std::string& out) {
  item_ = std::move(item);
  events_.append(out, "response.output_item.added", {{"output_index", items_.size()}, {"item", item_}});
}

void OutputItems::item_done(std::string& out) {
  events_.append(out, "response.output_item.done", {{"output_index", items_.size()}, {"item", item_}});
  items_.push_back(std::exchange(item_, {}));
}

void OutputItems::open_message(std::string& out) {
  if (message_open_) return;
  message_open_ = true;
  add_item({{"id", next_id("msg_")},
            {"type", "message"},
            {"status", "in_progress"},
            {"role", "assistant"},
            {"content", json::array()}},
           out);
}

void OutputItems::close_message(std::string_view status, std::string& out) {
  if (!message_open_) return;
  message_open_ = false;
  item_["status"] = status;
  item_["content"] = std::exchange(parts_, {});
  item_done(out);
}

bool OutputItems::open(const json::object& block, std::string& out) {
  const auto type = text_in(block, "type");
  const bool is_text = type == "text";
  const bool is_thought = type == "thinking" || type == "redacted_thinking";
  const bool is_search = type == "server_tool_use" || type == "web_search_tool_result";
  if (!is_text && !is_thought && !is_search && type != "tool_use") return false;
  close(out);
  close_search(out);
  bytes_ += kBlockBytes;
  if (is_text) {
    open_text(text_in(block, "text"), out);
    const auto* citations = list_in(block, "citations");
    return citations == nullptr || std::ranges::all_of(*citations, [&](const json::value& one) {
             return one.is_object() && cite(one.get_object());
           });
  }
  close_message("completed", out);
  if (is_search) return open_search(block, out);
  if (!is_thought) {
    open_call(block, out);
    return true;
  }
  open_thought(out);
  is_redacted_ = type == "redacted_thinking";
  seal_ = text_in(block, is_redacted_ ? "data" : "signature");
  bytes_ += seal_.size();
  add_thought(text_in(block, "thinking"), out);
  return true;
}

bool OutputItems::delta(const json::object& delta, std::string& out) {
  const auto type = text_in(delta, "type");
  if (type == "text_delta" && block_ == Block::text) {
    add_text(text_in(delta, "text"), out);
  } else if (type == "input_json_delta" && block_ == Block::call) {
    add_arguments(text_in(delta, "partial_json"), out);
  } else if (type == "input_json_delta" && block_ == Block::search) {
    text_ += text_in(delta, "partial_json");
    bytes_ += text_in(delta, "partial_json").size();
  } else if (type == "citations_delta" && block_ == Block::text) {
    const auto* citation = object_in(delta, "citation");
    return citation != nullptr && cite(*citation);
  } else if (type == "thinking_delta" && block_ == Block::thought) {
    add_thought(text_in(delta, "thinking"), out);
  } else if (type == "signature_delta" && block_ == Block::thought) {
    seal_ += text_in(delta, "signature");
    bytes_ += text_in(delta, "signature").size();
  } else {
    return false;
  }
  return true;
}

void OutputItems::close(std::string& out) {
  switch (std::exchange(block_, Block::none)) {
    case Block::none:
    case Block::found:
      return;
    case Block::text:
      return close_text(out);
    case Block::call:
      return close_call(out);
    case Block::thought:
      return close_thought(out);
    case Block::search:
      return search_begins(out);
  }
}

void OutputItems::finish(std::string_view status, std::string& out) {
  close(out);
  close_search(out);
  close_message(status, out);
}

void OutputItems::open_text(std::string_view text, std::string& out) {
  open_message(out);
  block_ = Block::text;
  text_.clear();
  citations_.clear();
  events_.append(out, "response.content_part.added", with(part_place(), "part", output_text("")));
  add_text(text, out);
}

void OutputItems::add_text(std::string_view piece, std::string& out) {
  if (piece.empty()) return;
  text_ += piece;
  bytes_ += piece.size();
  auto event = with(part_place(), "delta", piece);
  event["logprobs"] = json::array();
  events_.append(out, "response.output_text.delta", event);
}

// Anthropic cites for a block as a whole. Its range is known when it ends.
bool OutputItems::cite(const json::object& citation) {
  if (text_in(citation, "type") != "web_search_result_location") return false;
  bytes_ += kBlockBytes + text_in(citation, "url").size() + text_in(citation, "title").size();
  citations_.push_back(json::object{{"type", "url_citation"},
                                    {"start_index", 0},
                                    {"end_index", 0},
                                    {"url", text_in(citation, "url")},
                                    {"title", text_in(citation, "title")}});
  return true;
}

json::object OutputItems::text_part() const { return with(output_text(text_), "annotations", citations_); }

void OutputItems::close_text(std::string& out) {
  const auto characters = count_utf8(text_).value_or(text_.size());
  for (std::size_t i = 0; i < citations_.size(); ++i) {
    citations_[i].get_object()["end_index"] = characters;
    auto added = with(part_place(), "annotation_index", json::value(i));
    added["annotation"] = citations_[i];
    events_.append(out, "response.output_text.annotation.added", added);
  }
  auto done = with(part_place(), "text", text_);
  done["logprobs"] = json::array();
  events_.append(out, "response.output_text.done", done);
  events_.append(out, "response.content_part.done", with(part_place(), "part", text_part()));
  parts_.push_back(text_part());
}

bool OutputItems::open_search(const json::object& block, std::string& out) {
  text_.clear();
  input_.clear();
  if (text_in(block, "type") == "web_search_tool_result") {
    block_ = Block::found;
    return true;
  }
  if (text_in(block, "name") != "web_search") return false;
  block_ = Block::search;
  search_open_ = true;
  const auto* input = object_in(block, "input");
  if (input != nullptr && !input->empty()) input_ = to_json_text(*input);
  bytes_ += input_.size();
  add_item({{"id", next_id("ws_")},
            {"type", "web_search_call"},
            {"status", "in_progress"},
            {"action", json::object{{"type", "search"}, {"query", ""}}}},
           out);
  events_.append(out, "response.web_search_call.in_progress", place());
  return true;
}

void OutputItems::search_begins(std::string& out) {
  const auto input = parse_answer(text_.empty() ? input_ : text_);
  item_["action"] =
      json::object{{"type", "search"}, {"query", input ? text_in(*input, "query") : std::string_view()}};
  events_.append(out, "response.web_search_call.searching", place());
}

void OutputItems::close_search(std::string& out) {
  if (!std::exchange(search_open_, false)) return;
  events_.append(out, "response.web_search_call.completed", place());
  item_["status"] = "completed";
  item_done(out);
}

void OutputItems::open_call(const json::object& block, std::string& out) {
  block_ = Block::call;
  text_.clear();
  input_.clear();
  // A stream begins with an empty input and sends it in pieces; a whole message has it here.
  const auto* input = object_in(block, "input");
  if (input != nullptr && !input->empty()) input_ = to_json_text(*input);
  bytes_ += input_.size();
  const auto name = text_in(block, "name");
  const auto* spaced = asked_.tools.find(name);
  json::object item{{"id", next_id("fc_")},
                    {"type", "function_call"},
                    {"status", "in_progress"},
                    {"call_id", text_in(block, "id")},
                    {"name", spaced == nullptr ? name : std::string_view(spaced->name)},
                    {"arguments", ""}};
  if (spaced != nullptr) item["namespace"] = spaced->name_space;
  add_item(std::move(item), out);
}

void OutputItems::add_arguments(std::string_view piece, std::string& out) {
  if (piece.empty()) return;
  text_ += piece;
  bytes_ += piece.size();
  events_.append(out, "response.function_call_arguments.delta", with(place(), "delta", piece));
}

void OutputItems::close_call(std::string& out) {
  if (text_.empty()) add_arguments(input_.empty() ? "{}" : std::string_view(input_), out);
  auto done = with(place(), "name", item_["name"]);
  done["arguments"] = text_;
  events_.append(out, "response.function_call_arguments.done", done);
  item_["status"] = "completed";
  item_["arguments"] = text_;
  item_done(out);
}

void OutputItems::open_thought(std::string& out) {
  block_ = Block::thought;
  text_.clear();
  summary_open_ = false;
  add_item({{"id", next_id("rs_")}, {"type", "reasoning"}, {"summary", json::array()}}, out);
}

void OutputItems::add_thought(std::string_view piece, std::string& out) {
  if (piece.empty()) return;
  if (!std::exchange(summary_open_, true)) {
    auto added = with(place(), "summary_index", json::value(0));
    added["part"] = summary_text("");
    events_.append(out, "response.reasoning_summary_part.added", added);
  }
  text_ += piece;
  bytes_ += piece.size();
  auto event = with(place(), "summary_index", json::value(0));
  event["delta"] = piece;
  events_.append(out, "response.reasoning_summary_text.delta", event);
}

void OutputItems::close_thought(std::string& out) {
  if (summary_open_) {
    auto done = with(place(), "summary_index", json::value(0));
    done["text"] = text_;
    events_.append(out, "response.reasoning_summary_text.done", done);
    done.erase("text");
    done["part"] = summary_text(text_);
    events_.append(out, "response.reasoning_summary_part.done", done);
    item_["summary"] = json::array{summary_text(text_)};
  }
  if (asked_.encrypted_reasoning && !seal_.empty()) {
    item_["encrypted_content"] = std::string(is_redacted_ ? kRedactedMark : kThinkingMark) + seal_;
  }
  item_done(out);
}

}  // namespace relay::messages_responses
