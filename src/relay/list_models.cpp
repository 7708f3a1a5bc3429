#include "dialect/models_list.h"
#include "relay/phases.h"
#include "relay/read_whole.h"

namespace relay {
namespace {

constexpr std::size_t kListBytesMax = 4 * 1024 * 1024;

bool allows(const Exchange& exchange, std::string_view model) {
  const bool is_anthropic = exchange.dialect == WireDialect::anthropic_messages;
  const auto permission = is_anthropic ? Permission::claude : Permission::codex;
  return exchange.key->permissions.allows(permission) && exchange.key->models.allows(model);
}

}  // namespace

bool lists_all_models(const Exchange& exchange) {
  const bool is_anthropic = exchange.dialect == WireDialect::anthropic_messages;
  const auto permission = is_anthropic ? Permission::claude : Permission::codex;
  return exchange.key->permissions.allows(permission) && exchange.key->models.patterns().empty();
}

Result<> authorize_listed_model(const Exchange& exchange) {
  if (exchange.operation.kind != RelayOperation::Kind::list_models || exchange.path_tail.empty() ||
      allows(exchange, exchange.path_tail.substr(1)))
    return ok;
  return Error(ErrorKind::not_found, "model_not_found",
               "model: " + std::string(exchange.path_tail.substr(1, 200)));
}

Task<HttpAnswer> list_models(Exchange& exchange, UpstreamConnections& connections,
                             const AttemptLimits& limits) {
  CO_TRY(auto list, co_await read_whole(exchange, connections, limits, kListBytesMax));
  exchange.upstream.reset();
  const auto may_use = [&exchange](std::string_view id) { return allows(exchange, id); };
  CO_TRY(auto kept, filter_models_list(list, exchange.json, may_use));
  HttpAnswer answer;
  answer.headers.push_back({"Content-Type", "application/json"});
  answer.headers.push_back({"x-relay-request-id", exchange.request_id});
  answer.body = std::move(kept);
  co_return answer;
}

}  // namespace relay
