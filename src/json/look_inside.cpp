#include "json/look_inside.h"

#include <algorithm>
#include <array>

namespace relay {
namespace {

enum Field : std::uint8_t {
  model,
  stream,
  max_tokens,
  max_completion_tokens,
  max_output_tokens,
  n,
  best_of,
  stream_options,
  metadata,
  prompt_cache_key,
  previous_response_id,
  store,
  field_count
};

constexpr std::array<std::string_view, field_count> kNames{
    "model",   "stream",         "max_tokens", "max_completion_tokens", "max_output_tokens",    "n",
    "best_of", "stream_options", "metadata",   "prompt_cache_key",      "previous_response_id", "store"};

constexpr std::size_t kModelBytesMax = 256;
constexpr std::size_t kSessionWordBytesMax = 4096;
constexpr std::int64_t kChoicesMax = 1024;

Error invalid_json(JsonFault fault) {
  if (fault == JsonFault::too_deep) {
    return Error(ErrorKind::validation, "json_too_deep",
                 "The request body is nested deeper than " + std::to_string(kJsonDepthMax) + " levels");
  }
  if (fault == JsonFault::too_long)
    return {ErrorKind::payload_too_large, "body_too_large", "The request body is too large"};
  return {ErrorKind::validation, "invalid_json", "The request body is not valid JSON"};
}

Error wrong_type(std::string_view field, const std::string& wanted) {
  return Error(ErrorKind::validation, "wrong_type", std::string(field) + " " + wanted)
      .on_field(std::string(field), wanted);
}

Field which(std::string_view key, std::string& scratch) {
  if (key.find('\\') != std::string_view::npos) {
    if (!unescape_json(key, scratch)) return field_count;
    key = scratch;
  }
  const auto found = std::find(kNames.begin(), kNames.end(), key);
  return static_cast<Field>(found - kNames.begin());
}

/// The value, nothing when it is absent or null, or an Error when it is no whole number from 0 up.
Result<std::optional<std::int64_t>> count_in(JsonValue value, Field field) {
  using Answer = std::optional<std::int64_t>;
  if (!value || value.kind() == JsonValue::Kind::null) return Answer();
  const auto number = value.integer();
  if (!number || *number < 0) return wrong_type(kNames[field], "must be a whole number, 0 or more");
  return Answer(number);
}

std::string session_word(JsonValue value, std::string& scratch) {
  const auto word = value.string(scratch);
  return word && word->size() <= kSessionWordBytesMax ? std::string(*word) : std::string();
}

}  // namespace

Result<RequestFacts> look_inside(std::string_view body, JsonIndex& index) {
  if (const auto fault = index.read(body); fault != JsonFault::none) return invalid_json(fault);
  const auto root = index.root();
  if (root.kind() != JsonValue::Kind::object) {
    return Error(ErrorKind::validation, "invalid_json", "The request body must be a JSON object");
  }
  std::array<JsonValue, field_count> values;
  std::optional<Field> twice;
  std::string scratch;
  root.each_member([&](std::string_view key, JsonValue value) {
    const auto field = which(key, scratch);
    if (field == field_count) return;
    if (values[field]) twice = field;
    values[field] = value;
  });
  if (twice) {
    const std::string name(kNames[*twice]);
    return Error(ErrorKind::validation, "duplicate_field", name + " appears more than once")
        .on_field(name, "appears more than once");
  }

  const auto present = [&](Field field) {
    return values[field] && values[field].kind() != JsonValue::Kind::null;
  };
  RequestFacts facts;
  if (present(model)) {
    const auto text = values[model].string(scratch);
    if (!text || text->empty() || text->size() > kModelBytesMax) {
      return wrong_type("model", "must be a string of 1 to " + std::to_string(kModelBytesMax) + " bytes");
    }
    facts.model = *text;
  }
  if (present(stream)) {
    const auto wanted = values[stream].boolean();
    if (!wanted) return wrong_type("stream", "must be true or false");
    facts.stream = *wanted;
  }
  for (const Field field : {max_tokens, max_completion_tokens, max_output_tokens}) {
    TRY(const auto count, count_in(values[field], field));
    if (count) facts.max_output_tokens = std::max(*count, facts.max_output_tokens.value_or(0));
  }
  for (const Field field : {n, best_of}) {
    TRY(const auto count, count_in(values[field], field));
    if (!count) continue;
    if (*count > kChoicesMax)
      return wrong_type(kNames[field], "must be at most " + std::to_string(kChoicesMax));
    facts.choices = std::max(*count, facts.choices);
  }
  facts.store = values[store].boolean().value_or(true);
  facts.includes_usage = values[stream_options].find("include_usage").boolean().value_or(false);
  facts.user_id = session_word(values[metadata].find("user_id"), scratch);
  facts.prompt_cache_key = session_word(values[prompt_cache_key], scratch);
  facts.previous_response_id = session_word(values[previous_response_id], scratch);
  return facts;
}

}  // namespace relay
