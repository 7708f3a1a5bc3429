#include "relay/translated_call.h"

#include <algorithm>
#include <array>

namespace relay {
namespace {

using enum WireDialect;

struct Pair {
  std::string_view client_path;  // as RelayOperation::upstream_path has it
  WireDialect upstream;
  std::string_view upstream_path;
  std::unique_ptr<Translation> (*make)(const UpstreamAccount& account);
};

template <std::unique_ptr<Translation> (*of_any)()>
std::unique_ptr<Translation> translation(const UpstreamAccount&) {
  return of_any();
}

std::unique_ptr<Translation> over_chat(const UpstreamAccount& account) {
  return messages_over_chat(account.streams_usage);
}

constexpr std::array kPairs{
    Pair{"/v1/chat/completions", anthropic_messages, "/v1/messages", translation<chat_over_messages>},
    Pair{"/v1/responses", anthropic_messages, "/v1/messages", translation<responses_over_messages>},
    Pair{"/v1/messages", openai_responses, "/v1/responses", translation<messages_over_responses>},
    Pair{"/v1/messages", openai_chat, "/v1/chat/completions", over_chat},
    Pair{"/v1/messages/count_tokens", openai_responses, "/v1/responses/input_tokens",
         translation<message_counts_over_responses>},
};

}  // namespace

bool is_translatable(const RelayOperation& operation) {
  // What is asked of a stored response has the path that makes one, and is its provider's alone.
  if (operation.kind == RelayOperation::Kind::object) return false;
  return std::ranges::find(kPairs, operation.upstream_path, &Pair::client_path) != kPairs.end();
}

std::unique_ptr<TranslatedCall> make_translated_call(const RelayOperation& operation,
                                                     const UpstreamAccount& account) {
  const auto found = std::ranges::find_if(kPairs, [&](const Pair& pair) {
    return pair.client_path == operation.upstream_path && pair.upstream == account.translated_to;
  });
  if (operation.method != "POST" || found == kPairs.end()) return nullptr;
  return std::make_unique<TranslatedCall>(TranslatedCall{.dialect = account.translated_to,
                                                         .upstream_path = found->upstream_path,
                                                         .translation = found->make(account),
                                                         .body = {}});
}

}  // namespace relay
