#include "relay/operation.h"

#include "relay/object_operations.h"

#include <algorithm>
#include <array>
#include <vector>

namespace relay {
namespace {

using Kind = RelayOperation::Kind;
using enum WireDialect;

constexpr auto kOperations = std::to_array<RelayOperation>({
    {"POST", "/v1/messages", Kind::generate, anthropic_messages, "/v1/messages"},
    {"POST", "/api/v1/messages", Kind::generate, anthropic_messages, "/v1/messages"},
    {"POST", "/claude/v1/messages", Kind::generate, anthropic_messages, "/v1/messages"},
    {"POST", "/api/client/relay/messages", Kind::generate, anthropic_messages, "/v1/messages"},
    {"POST", "/api/client/v1/messages", Kind::generate, anthropic_messages, "/v1/messages"},

    {"POST", "/v1/messages/count_tokens", Kind::count_tokens, anthropic_messages,
     "/v1/messages/count_tokens"},
    {"POST", "/api/v1/messages/count_tokens", Kind::count_tokens, anthropic_messages,
     "/v1/messages/count_tokens"},
    {"POST", "/claude/v1/messages/count_tokens", Kind::count_tokens, anthropic_messages,
     "/v1/messages/count_tokens"},
    {"POST", "/api/client/relay/messages/count_tokens", Kind::count_tokens, anthropic_messages,
     "/v1/messages/count_tokens"},
    {"POST", "/api/client/v1/messages/count_tokens", Kind::count_tokens, anthropic_messages,
     "/v1/messages/count_tokens"},

    {"POST", "/v1/completions", Kind::generate, openai_completions, "/v1/completions"},
    {"POST", "/api/client/relay/completions", Kind::generate, openai_completions, "/v1/completions"},
    {"POST", "/api/client/v1/completions", Kind::generate, openai_completions, "/v1/completions"},

    {"POST", "/v1/chat/completions", Kind::generate, openai_chat, "/v1/chat/completions"},
    {"POST", "/openai/v1/chat/completions", Kind::generate, openai_chat, "/v1/chat/completions"},
    {"POST", "/api/client/v1/chat/completions", Kind::generate, openai_chat, "/v1/chat/completions"},

    {"POST", "/v1/embeddings", Kind::generate, openai_embeddings, "/v1/embeddings"},
    {"POST", "/openai/v1/embeddings", Kind::generate, openai_embeddings, "/v1/embeddings"},
    {"POST", "/api/client/v1/embeddings", Kind::generate, openai_embeddings, "/v1/embeddings"},

    {"POST", "/v1/responses", Kind::generate, openai_responses, "/v1/responses"},
    {"POST", "/responses", Kind::generate, openai_responses, "/v1/responses"},
    {"POST", "/openai/v1/responses", Kind::generate, openai_responses, "/v1/responses"},
    {"POST", "/openai/responses", Kind::generate, openai_responses, "/v1/responses"},
    {"POST", "/api/client/v1/responses", Kind::generate, openai_responses, "/v1/responses"},
    {"POST", "/v1/responses/compact", Kind::generate, openai_responses, "/v1/responses/compact"},
    {"POST", "/responses/compact", Kind::generate, openai_responses, "/v1/responses/compact"},
    {"POST", "/openai/v1/responses/compact", Kind::generate, openai_responses, "/v1/responses/compact"},
    {"POST", "/openai/responses/compact", Kind::generate, openai_responses, "/v1/responses/compact"},
    {"POST", "/api/client/v1/responses/compact", Kind::generate, openai_responses, "/v1/responses/compact"},

    // Where the WebSocket is off: 426 at once, so that Codex falls back to POST without retries.
    {"GET", "/v1/responses", Kind::open_websocket, openai_responses, ""},
    {"GET", "/responses", Kind::open_websocket, openai_responses, ""},
    {"GET", "/openai/v1/responses", Kind::open_websocket, openai_responses, ""},
    {"GET", "/openai/responses", Kind::open_websocket, openai_responses, ""},
    {"GET", "/api/client/v1/responses", Kind::open_websocket, openai_responses, ""},

    // Their dialect is the caller's: see Exchange::dialect.
    {"GET", "/v1/models", Kind::list_models, openai_chat, "/v1/models"},
    {"GET", "/v1/models/*", Kind::list_models, openai_chat, "/v1/models"},
    {"GET", "/openai/v1/models", Kind::list_models, openai_chat, "/v1/models"},
    {"GET", "/api/client/relay/models", Kind::list_models, openai_chat, "/v1/models"},
    {"GET", "/api/client/v1/models", Kind::list_models, openai_chat, "/v1/models"},
    {"GET", "/api/client/v1/models/*", Kind::list_models, openai_chat, "/v1/models"},
});

constexpr std::string_view kShortBase = "/client/";
constexpr std::string_view kBase = "/api/client/";

// True when `path` is `pattern`, with one segment for "/*" and with /client for /api/client.
bool matches(std::string_view pattern, std::string_view path, std::string_view& tail) {
  if (path.starts_with(kShortBase) && pattern.starts_with(kBase)) {
    path.remove_prefix(kShortBase.size());
    pattern.remove_prefix(kBase.size());
  }
  tail = {};
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return path == pattern;
  const auto stem = pattern.substr(0, star);  // with the slash
  if (!path.starts_with(stem) || path.size() == stem.size()) return false;
  tail = path.substr(stem.size() - 1);
  const auto end = std::min(tail.find('/', 1), tail.size());
  return end > 1 && tail.substr(end) == pattern.substr(star + 1);
}

const std::vector<RelayOperation>& all_operations() {
  static const std::vector<RelayOperation> all = [] {
    std::vector<RelayOperation> operations(kOperations.begin(), kOperations.end());
    append_object_operations(operations);
    return operations;
  }();
  return all;
}

}  // namespace

std::span<const RelayOperation> relay_operations() { return all_operations(); }

FoundOperation find_operation(std::string_view method, std::string_view path) {
  FoundOperation found;
  for (const auto& operation : all_operations()) {
    std::string_view tail;
    if (!matches(operation.path, path, tail)) continue;
    if (operation.method == method) return {RelayPath::known, &operation, tail};
    found = {RelayPath::wrong_method, &operation, tail};
  }
  return found;
}

std::string allowed_methods(std::string_view path) {
  std::string methods;
  for (const auto& operation : all_operations()) {
    std::string_view tail;
    if (!matches(operation.path, path, tail)) continue;
    methods.append(methods.empty() ? "" : ", ").append(operation.method);
  }
  return methods;
}

ErrorShape shape_of(WireDialect dialect) {
  return dialect == anthropic_messages ? ErrorShape::anthropic : ErrorShape::openai;
}

Provider provider_of(WireDialect dialect) {
  return dialect == anthropic_messages ? Provider::anthropic : Provider::openai;
}

Permission permission_for(Provider provider) {
  return provider == Provider::anthropic ? Permission::claude : Permission::codex;
}

}  // namespace relay
