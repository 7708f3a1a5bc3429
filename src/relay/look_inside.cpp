#include "json/look_inside.h"

#include "json/json_index.h"
#include "relay/phases.h"

#include <algorithm>
#include <array>

namespace relay {
namespace {

// Newer clients write a dash, older ones an underscore.
constexpr std::array<std::string_view, 5> kSessionFields{"session-id", "session_id", "conversation_id",
                                                         "conversation-id", "thread-id"};
constexpr std::size_t kSessionIdBytesMax = 256;
// What is past reason is the provider's to refuse.
constexpr std::int64_t kOutputTokensMax = 10'000'000;
constexpr std::int64_t kChoicesMax = 1'000;

std::string session_id_of(const Exchange& exchange) {
  const auto& head = exchange.client.head();
  auto id = head.value(KnownField::x_claude_code_session_id);
  if (exchange.dialect != WireDialect::anthropic_messages) {
    for (auto name = kSessionFields.begin(); id.empty() && name != kSessionFields.end(); ++name)
      id = head.value(*name);
  }
  return id.size() <= kSessionIdBytesMax ? std::string(id) : std::string();
}

}  // namespace

Result<> look_inside(Exchange& exchange) {
  const auto kind = exchange.operation.kind;
  if (kind == RelayOperation::Kind::list_models || kind == RelayOperation::Kind::object) return ok;
  exchange.request_bytes = exchange.body().size();
  TRY(auto facts, look_inside(exchange.body(), exchange.json));
  if (facts.model.empty()) {
    return Error(ErrorKind::validation, "model_required", "model: Field required")
        .on_field("model", "is required");
  }
  exchange.requested_model = std::move(facts.model);
  exchange.wants_stream = facts.stream;
  if (facts.max_output_tokens) {
    const auto of_one = std::clamp<std::int64_t>(*facts.max_output_tokens, 0, kOutputTokensMax);
    exchange.output_tokens_max = of_one * std::clamp<std::int64_t>(facts.choices, 1, kChoicesMax);
  }
  exchange.is_stored = exchange.dialect == WireDialect::openai_responses && facts.store &&
                       exchange.operation.upstream_path == "/v1/responses";
  exchange.session = {.session_id = session_id_of(exchange),
                      .user_id = std::move(facts.user_id),
                      .prompt_cache_key = std::move(facts.prompt_cache_key),
                      .previous_response_id = std::move(facts.previous_response_id)};
  return ok;
}

}  // namespace relay
