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
  std::unique_ptr<Translation> (*make)();
};

constexpr std::array kPairs{
    Pair{"/v1/chat/completions", anthropic_messages, "/v1/messages", chat_over_messages},
    Pair{"/v1/responses", anthropic_messages, "/v1/messages", responses_over_messages},
    Pair{"/v1/messages", openai_responses, "/v1/responses", messages_over_responses},
    Pair{"/v1/messages", openai_chat, "/v1/chat/completions", messages_over_chat},
};

}  // namespace

bool is_translatable(const RelayOperation& operation) {
  return operation.kind == RelayOperation::Kind::generate &&
         std::ranges::find(kPairs, operation.upstream_path, &Pair::client_path) != kPairs.end();
}

std::unique_ptr<TranslatedCall> make_translated_call(const RelayOperation& operation, WireDialect upstream) {
  const auto found = std::ranges::find_if(kPairs, [&](const Pair& pair) {
    return pair.client_path == operation.upstream_path && pair.upstream == upstream;
  });
  if (operation.kind != RelayOperation::Kind::generate || found == kPairs.end()) return nullptr;
  return std::make_unique<TranslatedCall>(TranslatedCall{
      .dialect = upstream, .upstream_path = found->upstream_path, .translation = found->make(), .body = {}});
}

}  // namespace relay
