#include "relay/answer_key.h"

#include "cache/canonical_json.h"
#include "http/content_coding.h"
#include "http/header_rules.h"
#include "relay/exchange.h"

#include <algorithm>
#include <array>

namespace relay {
namespace {

using namespace std::string_view_literals;

constexpr std::array kAboutCaller{"metadata"sv, "prompt_cache_key"sv, "prompt_cache_retention"sv,
                                  "safety_identifier"sv, "user"sv};
constexpr std::array kStates{"previous_response_id"sv, "conversation"sv, "container"sv};

// With its length, so that no two lists of words run into one text.
void append_word(std::string& out, std::string_view word) {
  out.append(std::to_string(word.size())).append(":").append(word);
}

std::string in_lower_case(std::string_view name) {
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c; });
  return lower;
}

std::vector<std::string> providers_headers(const ParsedHead& head) {
  std::vector<std::string> lines;
  for (const HeadField field : head.fields()) {
    if (field.known != KnownField::other && field.known != KnownField::anthropic_version) continue;
    auto line = in_lower_case(field.name);
    if (!line.starts_with("anthropic-") && !line.starts_with("openai-")) continue;
    if (passes_to_provider(head, field)) lines.push_back(std::move(line.append(":").append(field.value)));
  }
  std::ranges::stable_sort(lines);
  return lines;
}

bool has_state(JsonValue root, WireDialect dialect) {
  const auto is_there = [root](std::string_view name) {
    const auto value = root.find(name);
    return value && value.kind() != JsonValue::Kind::null;
  };
  const bool stores = dialect == WireDialect::openai_chat && root.find("store").boolean().value_or(false);
  return stores || root.find("background").boolean().value_or(false) ||
         std::ranges::any_of(kStates, is_there);
}

std::span<const std::string_view> left_out_of(WireDialect dialect) {
  switch (dialect) {
    case WireDialect::anthropic_messages:
      return std::span(kAboutCaller).first(1);
    case WireDialect::openai_responses:
      return {};
    default:
      return kAboutCaller;
  }
}

}  // namespace

std::string words_beside_body(const Exchange& exchange) {
  const auto& head = exchange.client.head();
  std::string words;
  append_word(words, exchange.key->user_id);
  append_word(words, exchange.operation.upstream_path);
  append_word(words, exchange.path_tail);
  append_word(words, head.query());
  append_word(words, exchange.account->id);
  append_word(words, exchange.translated ? exchange.translated->upstream_path : std::string_view());
  append_word(words, readable_codings(head.value(KnownField::accept_encoding)));
  for (const auto& line : providers_headers(head)) append_word(words, line);
  return words;
}

std::optional<CacheKey> answer_key(std::string_view beside_body, std::string_view body, WireDialect dialect,
                                   JsonIndex& json) {
  if (json.read(body) != JsonFault::none || has_state(json.root(), dialect)) return std::nullopt;
  const auto canonical = canonical_json(json.root(), left_out_of(dialect));
  if (!canonical) return std::nullopt;
  std::string text(beside_body);
  append_word(text, *canonical);
  return sha256(text);
}

}  // namespace relay
