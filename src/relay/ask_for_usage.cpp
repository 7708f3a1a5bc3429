#include "async/blocking_pool.h"
#include "json/json_index.h"
#include "relay/phases.h"

#include <optional>

namespace relay {
namespace {

constexpr std::string_view kAsked = R"({"include_usage":true})";

struct Edit {
  std::size_t at = 0;
  std::size_t cut = 0;  // bytes that go
  std::string put;
};

// Behind the bracket that opens an object at `open`, before its first member if it has one.
Edit member_of(std::size_t open, std::string member, bool has_others) {
  if (has_others) member += ',';
  return {.at = open + 1, .cut = 0, .put = std::move(member)};
}

bool has_members(JsonValue object) {
  bool any = false;
  object.each_member([&any](std::string_view, JsonValue) { any = true; });
  return any;
}

Edit replacing(std::string_view body, std::string_view raw, std::string_view put) {
  return {
      .at = static_cast<std::size_t>(raw.data() - body.data()), .cut = raw.size(), .put = std::string(put)};
}

// Nothing for what is no object: the provider says so.
std::optional<Edit> edit_of(std::string_view body, JsonValue root) {
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

std::optional<std::string> with_usage_asked_for(std::string_view body, JsonIndex& json) {
  if (json.read(body) != JsonFault::none) return std::nullopt;
  const auto root = json.root();
  if (root.find("stream_options").find("include_usage").boolean().value_or(false)) return std::nullopt;
  const auto edit = edit_of(body, root);
  if (!edit) return std::nullopt;
  std::string out;
  out.reserve(body.size() + edit->put.size());
  out.append(body.substr(0, edit->at)).append(edit->put).append(body.substr(edit->at + edit->cut));
  return out;
}

bool can_ask_for_usage(const Exchange& exchange) {
  return exchange.wants_stream && exchange.account->streams_usage && has_usage_chunks(exchange.dialect);
}

Task<> ask_for_usage(Exchange& exchange, BlockingPool& pool) {
  const auto body = exchange.body();
  std::optional<std::string> edited;
  if (body.size() <= kTranslatedInPlaceBytesMax) {
    edited = with_usage_asked_for(body, exchange.json);
  } else {
    auto work = [body]() -> Result<std::optional<std::string>> {
      JsonIndex json;
      return with_usage_asked_for(body, json);
    };
    CO_TRY(edited, co_await pool.run(std::move(work)));
  }
  if (!edited) co_return ok;
  exchange.own_body = std::make_unique<std::string>(*std::move(edited));
  exchange.withholds_usage = true;
  co_return ok;
}

}  // namespace relay
