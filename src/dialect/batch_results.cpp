#include "dialect/batch_results.h"

#include "dialect/usage_reader.h"

#include <utility>

namespace relay {
namespace {

constexpr std::size_t kLineBytesKept = 64 * 1024;  // of memory, for the next line

bool is(JsonValue value, std::string_view word, std::string& scratch) {
  return value.string(scratch) == word;
}

// What an OpenAI body is, says its "object".
std::optional<WireDialect> openai_dialect_of(JsonValue body, std::string& scratch) {
  const auto object = body.find("object").string(scratch);
  if (object == "response") return WireDialect::openai_responses;
  if (object == "text_completion") return WireDialect::openai_completions;
  if (object == "chat.completion" || object == "list") return WireDialect::openai_chat;
  return std::nullopt;
}

// The bodies are views into the line: the index is read anew for them.
struct Answered {
  std::string_view body;
  WireDialect dialect = WireDialect::anthropic_messages;
  bool is_embedding = false;
};

std::optional<Answered> answer_in(JsonValue root, std::string& scratch) {
  const auto result = root.find("result");
  if (result.kind() == JsonValue::Kind::object) {
    const auto message = result.find("message");
    if (!is(result.find("type"), "succeeded", scratch) || message.kind() != JsonValue::Kind::object)
      return std::nullopt;
    return Answered{.body = message.raw()};
  }
  const auto response = root.find("response");
  const auto status = response.find("status_code").integer().value_or(0);
  const auto body = response.find("body");
  if (status < 200 || status > 299 || body.kind() != JsonValue::Kind::object) return std::nullopt;
  const auto dialect = openai_dialect_of(body, scratch);
  if (!dialect) return std::nullopt;
  return Answered{
      .body = body.raw(), .dialect = *dialect, .is_embedding = is(body.find("object"), "list", scratch)};
}

}  // namespace

std::optional<BatchResult> read_batch_result(std::string_view line, JsonIndex& json) {
  if (json.read(line) != JsonFault::none) return std::nullopt;
  std::string scratch;
  BatchResult result;
  overwrite(result.custom_id, json.root().find("custom_id"), scratch);
  overwrite(result.upstream_request_id, json.root().find("response").find("request_id"), scratch);
  const auto answered = answer_in(json.root(), scratch);
  if (!answered) return std::nullopt;
  result.dialect = answered->dialect;
  UsageReader reader(answered->dialect, json);
  reader.on_json(answered->body);
  result.facts = reader.finish();
  if (answered->is_embedding) result.facts.estimated = false;  // it has no output
  return result;
}

void BatchResultLines::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    const auto piece = bytes.substr(0, end);
    if (begun_.size() + piece.size() > kBatchLineBytesMax) {
      skipping_ = true;
      skipped_ = true;
      begun_ = std::string();
    }
    if (end == std::string_view::npos) {
      if (!skipping_) begun_.append(piece);
      return;
    }
    bytes.remove_prefix(end + 1);
    if (std::exchange(skipping_, false)) continue;
    if (begun_.empty()) {
      take(piece);
      continue;
    }
    begun_.append(piece);
    take(begun_);
    begun_.clear();
    if (begun_.capacity() > kLineBytesKept) begun_ = std::string();
  }
}

void BatchResultLines::end() {
  if (!std::exchange(skipping_, false) && !begun_.empty()) take(begun_);
  begun_ = std::string();
}

void BatchResultLines::take(std::string_view line) {
  if (const auto result = read_batch_result(line, json_)) see_(*result);
}

}  // namespace relay
