#include "relay/phases.h"

#include "http/query.h"
#include "upstream/account_pool.h"

namespace relay {
namespace {

Error not_translatable(const Exchange& exchange) {
  return Error(ErrorKind::validation, "not_translatable",
               "The model " + exchange.requested_model.substr(0, 200) + " is one of " +
                   std::string(to_string(exchange.account->provider)) +
                   "'s, for which this relay can't translate " +
                   std::string(exchange.operation.upstream_path))
      .on_field("model", "has no " + std::string(exchange.operation.upstream_path));
}

// Models that the key may not use are as if they were not there.
Result<> route_models(Exchange& exchange, const AccountPool& accounts) {
  const auto own = provider_of(exchange.dialect);
  if (exchange.path_tail.empty()) {
    const auto candidates = accounts.candidates(own, "", group_of(exchange));
    exchange.account = candidates.empty() ? nullptr : candidates.front().account;
    return accounts.has_group(group_of(exchange)) ? Result<>(ok) : no_upstream(own);
  }
  const auto id = exchange.path_tail.substr(1);
  exchange.requested_model = percent_decode(id).value_or(std::string(id));
  const auto candidates = accounts.candidates(own, exchange.requested_model, group_of(exchange));
  if (candidates.empty()) return no_upstream(own);
  exchange.account = candidates.front().account;
  if (may_use(exchange, *exchange.account, exchange.requested_model)) return ok;
  return model_not_found(exchange.requested_model);
}

}  // namespace

Error model_not_found(std::string_view model) {
  return Error(ErrorKind::not_found, "model_not_found", "model: " + std::string(model.substr(0, 200)));
}

bool may_use(const Exchange& exchange, const UpstreamAccount& account, std::string_view model) {
  const auto& key = *exchange.key;
  return key.permissions.allows(permission_for(account.provider)) && key.models.allows(model);
}

Error no_upstream(Provider provider) {
  return Error(ErrorKind::unavailable, "no_upstream",
               "No upstream account for " + std::string(to_string(provider)) + " is configured on this relay")
      .retry_in(std::chrono::seconds(60));
}

Result<> route(Exchange& exchange, const AccountPool& accounts) {
  if (exchange.operation.kind == RelayOperation::Kind::list_models) return route_models(exchange, accounts);
  const auto own = provider_of(exchange.dialect);
  const auto& candidates = *exchange.candidates;
  if (candidates.empty()) return no_upstream(own);
  exchange.account = candidates.front().account;
  CHECK(authorize_provider(exchange));
  if (exchange.account->provider == own) return ok;
  exchange.translated = make_translated_call(exchange.operation, *exchange.account);
  const bool is_counted_here = exchange.operation.kind == RelayOperation::Kind::count_tokens;
  if (exchange.translated != nullptr || is_counted_here) return ok;
  return not_translatable(exchange);
}

}  // namespace relay
