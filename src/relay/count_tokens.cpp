#include "async/blocking_pool.h"
#include "dialect/usage_reader.h"
#include "json/json_index.h"
#include "relay/phases.h"

namespace relay {
namespace {

constexpr std::int64_t kTokensAMessage = 4;  // who speaks, and where it ends
constexpr std::int64_t kTokensAPicture = 1600;
constexpr std::int64_t kFileBytesPerToken = 32;

struct Counted {
  std::int64_t text_bytes = 0;
  std::int64_t tokens = 0;  // of what is no text
};

// A source of a picture or a file: {"type":"base64","media_type","data"}, or a place where it is.
bool count_source(JsonValue source, Counted& counted) {
  std::string scratch;
  const auto type = source.find("type").string(scratch);
  if (type == "url" || type == "file") {
    counted.tokens += kTokensAPicture;
    return true;
  }
  if (type != "base64") return false;
  const bool is_picture = source.find("media_type").string(scratch).value_or("").starts_with("image/");
  const auto bytes = static_cast<std::int64_t>(source.find("data").raw().size());
  counted.tokens += is_picture ? kTokensAPicture : bytes / kFileBytesPerToken;
  return true;
}

// As deep as JsonIndex goes, kJsonDepthMax.
void count(JsonValue value, Counted& counted) {
  switch (value.kind()) {
    case JsonValue::Kind::object:
      return value.each_member([&counted](std::string_view name, JsonValue member) {
        // Marks and seals that no model reads.
        if (name == "cache_control" || name == "signature") return;
        if (name == "source" && count_source(member, counted)) return;
        counted.text_bytes += static_cast<std::int64_t>(name.size());
        count(member, counted);
      });
    case JsonValue::Kind::array:
      return value.each_element([&counted](JsonValue element) { count(element, counted); });
    case JsonValue::Kind::string:
      counted.text_bytes += static_cast<std::int64_t>(value.string_bytes());
      return;
    default:
      counted.text_bytes += static_cast<std::int64_t>(value.raw().size());
  }
}

}  // namespace

std::int64_t estimated_tokens(std::string_view body, JsonIndex& json) {
  if (json.read(body) != JsonFault::none) return 0;
  Counted counted;
  for (const std::string_view part : {"system", "messages", "tools"}) count(json.root().find(part), counted);
  json.root().find("messages").each_element([&counted](JsonValue) { counted.tokens += kTokensAMessage; });
  return counted.tokens + (counted.text_bytes + kEstimatedBytesPerToken - 1) / kEstimatedBytesPerToken;
}

bool counts_tokens_here(const Exchange& exchange) {
  if (exchange.operation.kind != RelayOperation::Kind::count_tokens ||
      exchange.account->provider == provider_of(exchange.dialect)) {
    return false;
  }
  // Compatible servers have Responses, but not all that stands beside it.
  const int status = exchange.answer.status;
  return exchange.translated == nullptr || status == 404 || status == 405 || status == 501;
}

Task<HttpAnswer> count_tokens(Exchange& exchange, BlockingPool& pool) {
  const auto body = exchange.body();
  std::int64_t tokens = 0;
  if (body.size() <= kTranslatedInPlaceBytesMax) {
    tokens = estimated_tokens(body, exchange.json);
  } else {
    auto work = [body]() -> Result<std::int64_t> {
      JsonIndex json;
      return estimated_tokens(body, json);
    };
    CO_TRY(tokens, co_await pool.run(std::move(work)));
  }
  HttpAnswer answer;
  answer.headers.push_back({"Content-Type", "application/json"});
  answer.headers.push_back({"x-relay-request-id", exchange.request_id});
  answer.headers.push_back({"x-relay-estimated", "true"});
  answer.body = "{\"input_tokens\":" + std::to_string(tokens) + "}";
  co_return answer;
}

}  // namespace relay
