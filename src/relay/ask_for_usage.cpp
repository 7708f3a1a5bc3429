#include "json/json_index.h"
#include "relay/phases.h"

#include <optional>

namespace relay {
namespace {

constexpr std::string_view kAsked = R"({"include_usage":true})";

// Behind the bracket that opens an object at `open`, before its first member if it has one.
BodyEdit member_of(std::size_t open, std::string member, bool has_others) {
  if (has_others) member += ',';
  return {.at = open + 1, .cut = 0, .put = std::move(member)};
}

bool has_members(JsonValue object) {
  bool any = false;
  object.each_member([&any](std::string_view, JsonValue) { any = true; });
  return any;
}

BodyEdit replacing(std::string_view body, std::string_view raw, std::string_view put) {
  return {
      .at = static_cast<std::size_t>(raw.data() - body.data()), .cut = raw.size(), .put = std::string(put)};
}

// Nothing for what is no object: the provider says so.
std::optional<BodyEdit> edit_of(std::string_view body, JsonValue root) {
  const auto options = root.find("stream_options");
  switch (options.kind()) {
    case JsonValue::Kind::nothing:
      return member_of(body.find('{'), std::string("\"stream_options\":").append(kAsked), true);
    case JsonValue::Kind::null:
      return replacing(body, options.raw(), kAsked);
    case JsonValue::Kind::object:
      break;
    default:
      return std::nullopt;
  }
  if (const auto asked = options.find("include_usage")) return replacing(body, asked.raw(), "true");
  const auto open = static_cast<std::size_t>(options.raw().data() - body.data());
  return member_of(open, "\"include_usage\":true", has_members(options));
}

bool has_usage_chunks(WireDialect dialect) {
  return dialect == WireDialect::openai_chat || dialect == WireDialect::openai_completions;
}

}  // namespace

bool can_ask_for_usage(const Exchange& exchange) {
  return exchange.wants_stream && exchange.account->streams_usage && has_usage_chunks(exchange.dialect);
}

std::optional<BodyEdit> edit_asking_for_usage(std::string_view body, JsonValue root) {
  if (root.find("stream_options").find("include_usage").boolean().value_or(false)) return std::nullopt;
  return edit_of(body, root);
}

}  // namespace relay
