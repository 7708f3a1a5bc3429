#include "simulate/prompt_reading.h"

namespace relay::simulate {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

/// The JSON object at the front of `text`; empty when there is none.
std::string_view leading_object(std::string_view text) {
  if (!text.starts_with('{')) return {};
  int depth = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      if (c == '\\') ++at;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      const auto object = text.substr(0, at + 1);
      JsonIndex index;
      return index.read(object) == JsonFault::none ? object : std::string_view();
    }
  }
  return {};
}

}  // namespace

std::string string_of(JsonValue value) {
  std::string scratch;
  const auto text = value.string(scratch);
  return text ? std::string(*text) : std::string();
}

std::string text_of(JsonValue content) {
  if (content.kind() == JsonValue::Kind::string) return string_of(content);
  JsonValue last;
  content.each_element([&last](JsonValue block) {
    if (const auto text = block.find("text"); text.kind() == JsonValue::Kind::string) last = text;
  });
  return string_of(last);
}

ToolWish tool_wish(std::string_view text) {
  static constexpr std::string_view kMark = "use tool ";
  const auto at = text.find(kMark);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + kMark.size());
  std::size_t end = 0;
  while (end < text.size() && !is_space(text[end])) ++end;
  ToolWish wish{.name = text.substr(0, end), .input = "{}"};
  while (end < text.size() && is_space(text[end])) ++end;
  if (const auto object = leading_object(text.substr(end)); !object.empty()) wish.input = object;
  return wish;
}

Result<> read_model_and_stream(JsonValue body, Prompt& prompt) {
  if (body.kind() != JsonValue::Kind::object) {
    return Error(ErrorKind::validation, "invalid_json", "The request body is not a JSON object");
  }
  const auto model = body.find("model");
  if (!model)
    return Error(ErrorKind::validation, "missing", "model: Field required").on_field("model", "required");
  prompt.model = string_of(model);
  if (prompt.model.empty()) {
    return Error(ErrorKind::validation, "wrong_type", "model: Input should be a valid string")
        .on_field("model", "type");
  }
  const auto stream = body.find("stream");
  if (stream && stream.kind() != JsonValue::Kind::null) {
    if (!stream.boolean()) {
      return Error(ErrorKind::validation, "wrong_type", "stream: Input should be a valid boolean")
          .on_field("stream", "type");
    }
    prompt.stream = *stream.boolean();
  }
  return ok;
}

bool is_unknown_model(std::string_view model) { return model == "sim-unknown"; }

std::uint64_t fold(std::uint64_t hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

bool PrefixCache::knows(std::uint64_t prefix) const {
  const std::lock_guard lock(mutex_);
  return known_.contains(prefix);
}

void PrefixCache::learn(std::uint64_t prefix) {
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kPrefixesMax) known_.clear();
  known_.insert(prefix);
}

void PrefixCache::clear() {
  const std::lock_guard lock(mutex_);
  known_.clear();
}

}  // namespace relay::simulate
