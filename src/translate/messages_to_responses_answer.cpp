#include "translate/messages_to_responses_answer.h"

#include "json/json_index.h"
#include "translate/json_text.h"
#include "translate/messages_responses_words.h"
#include "translate/sse_frames.h"

#include <algorithm>
#include <array>
#include <utility>

namespace relay::messages_responses {
namespace {

namespace json = boost::json;

// What a model means to say has been said; every other reason cut it short.
constexpr std::array<std::string_view, 3> kWholeReasons{"end_turn", "stop_sequence", "tool_use"};

bool is_whole(std::string_view stop_reason) {
  return std::ranges::find(kWholeReasons, stop_reason) != kWholeReasons.end();
}

// Responses knows these two. pause_turn and reasons to come stopped the model before it was done.
std::string_view incomplete_reason(std::string_view stop_reason) {
  return stop_reason == "refusal" ? "content_filter" : "max_output_tokens";
}

std::string response_id(std::string_view message_id) {
  constexpr std::string_view kPrefix = "msg_";
  return "resp_" +
         std::string(message_id.starts_with(kPrefix) ? message_id.substr(kPrefix.size()) : message_id);
}

void overwrite(std::int64_t& count, const json::object& from, std::string_view name) {
  count = optional_count_in(from, name).value_or(count);
}

}  // namespace

std::optional<std::string> ResponsesAnswer::whole(const json::object& message) {
  const auto* content = list_in(message, "content");
  if (text_in(message, "type") != "message" || content == nullptr) return std::nullopt;
  std::string events;  // of no use here
  start(message, events);
  for (const auto& block : *content) {
    const auto* object = block.if_object();
    if (object == nullptr || !items_.open(*object, events)) return std::nullopt;
    items_.close(events);
    events.clear();
  }
  if (stop_reason_.empty()) return std::nullopt;
  const auto status = is_whole(stop_reason_) ? "completed" : "incomplete";
  items_.finish(status, events);
  return to_json_text(response(status));
}

void ResponsesAnswer::event(std::string_view type, const json::object& event, std::string& out) {
  if (state_ == State::over) return;
  if (type == "error") return upstream_error(event, out);
  if (type == "ping") return append_sse_comment(out);
  if (state_ == State::before) {
    const auto* message = object_in(event, "message");
    if (type == "message_start" && message != nullptr) return start(*message, out);
    return broken(out);
  }
  if (type == "content_block_start") {
    const auto* block = object_in(event, "content_block");
    return block == nullptr ? broken(out) : open(*block, out);
  }
  if (type == "content_block_delta") {
    const auto* delta = object_in(event, "delta");
    if (delta == nullptr || !items_.delta(*delta, out) || items_.bytes() > kJsonBytesMax) broken(out);
  } else if (type == "content_block_stop") {
    items_.close(out);
  } else if (type == "message_delta") {
    message_delta(event);
  } else if (type == "message_stop") {
    stop(out);
  }
}

void ResponsesAnswer::start(const json::object& message, std::string& out) {
  state_ = State::streaming;
  id_ = response_id(text_in(message, "id"));
  model_ = text_in(message, "model");
  stop_reason_ = text_in(message, "stop_reason");
  items_.name(text_in(message, "id"));
  if (const auto* usage = object_in(message, "usage")) read_usage(*usage);
  const json::object data{{"response", response("in_progress")}};
  events_.append(out, "response.created", data);
  events_.append(out, "response.in_progress", data);
}

void ResponsesAnswer::open(const json::object& block, std::string& out) {
  if (!items_.open(block, out) || items_.bytes() > kJsonBytesMax) broken(out);
}

void ResponsesAnswer::message_delta(const json::object& event) {
  if (const auto* delta = object_in(event, "delta")) {
    if (const auto reason = text_in(*delta, "stop_reason"); !reason.empty()) stop_reason_ = reason;
  }
  if (const auto* usage = object_in(event, "usage")) read_usage(*usage);
}

void ResponsesAnswer::stop(std::string& out) {
  if (stop_reason_.empty()) return broken(out);
  const bool whole = is_whole(stop_reason_);
  const std::string_view status = whole ? "completed" : "incomplete";
  items_.finish(status, out);
  state_ = State::over;
  events_.append(out, whole ? "response.completed" : "response.incomplete", {{"response", response(status)}});
}

void ResponsesAnswer::upstream_error(const json::object& event, std::string& out) {
  const auto* error = object_in(event, "error");
  const auto type = error == nullptr ? std::string_view() : text_in(*error, "type");
  const auto message = error == nullptr ? std::string_view() : text_in(*error, "message");
  fail(to_failure_code(type, message), shown_message(message, 0), out);
}

void ResponsesAnswer::fail(std::string_view code, std::string_view message, std::string& out) {
  if (state_ == State::over) return;
  state_ = State::over;
  error_code_ = code;
  error_message_ = message;
  events_.append(out, "response.failed", {{"response", response("failed")}});
}

void ResponsesAnswer::broken(std::string& out) {
  fail("server_error", "The upstream's stream can't be carried to this client", out);
}

void ResponsesAnswer::end(std::string& out) {
  fail("server_error", "The upstream's stream was cut before its end", out);
}

// message_delta's counts stand for the whole message, and need not name each (metering.md).
void ResponsesAnswer::read_usage(const json::object& from) {
  has_usage_ = true;
  overwrite(input_tokens_, from, "input_tokens");
  overwrite(cache_read_tokens_, from, "cache_read_input_tokens");
  overwrite(cache_write_tokens_, from, "cache_creation_input_tokens");
  overwrite(output_tokens_, from, "output_tokens");
  if (const auto* details = object_in(from, "output_tokens_details")) {
    overwrite(thinking_tokens_, *details, "thinking_tokens");
  }
  if (const auto tier = text_in(from, "service_tier"); !tier.empty()) tier_ = tier;
}

json::value ResponsesAnswer::usage() const {
  if (!has_usage_) return nullptr;
  const auto input = input_tokens_ + cache_read_tokens_ + cache_write_tokens_;
  return json::object{{"input_tokens", input},
                      {"input_tokens_details", json::object{{"cached_tokens", cache_read_tokens_},
                                                            {"cache_write_tokens", cache_write_tokens_}}},
                      {"output_tokens", output_tokens_},
                      {"output_tokens_details", json::object{{"reasoning_tokens", thinking_tokens_}}},
                      {"total_tokens", input + output_tokens_}};
}

json::object ResponsesAnswer::response(std::string_view status) const {
  json::object out{{"id", id_},
                   {"object", "response"},
                   {"created_at", created_at_},
                   {"status", status},
                   {"background", false},
                   {"error", nullptr},
                   {"incomplete_details", nullptr},
                   {"instructions", nullptr},
                   {"metadata", json::object()},
                   {"model", model_},
                   {"output", items_.items()},
                   {"parallel_tool_calls", true},
                   {"previous_response_id", nullptr},
                   {"store", false},
                   {"temperature", nullptr},
                   {"tool_choice", "auto"},
                   {"tools", json::array()},
                   {"top_p", nullptr},
                   {"truncation", "disabled"}};
  for (const auto& [name, value] : asked_.echo) out[name] = value;
  if (!tier_.empty()) out["service_tier"] = to_responses_served_tier(tier_);
  const bool is_over = status != "in_progress";
  if (status == "incomplete")
    out["incomplete_details"] = json::object{{"reason", incomplete_reason(stop_reason_)}};
  if (status == "failed") out["error"] = json::object{{"code", error_code_}, {"message", error_message_}};
  out["usage"] = is_over ? usage() : json::value(nullptr);
  return out;
}

}  // namespace relay::messages_responses
