#include "relay/phases.h"

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

}  // namespace

Error no_upstream(Provider provider) {
  return Error(ErrorKind::unavailable, "no_upstream",
               "No upstream account for " + std::string(to_string(provider)) + " is configured on this relay")
      .retry_in(std::chrono::seconds(60));
}

Result<> route(Exchange& exchange, const AccountPool& accounts) {
  const auto own = provider_of(exchange.dialect);
  exchange.account = accounts.find(own, exchange.requested_model);
  if (exchange.account == nullptr) return no_upstream(own);
  if (exchange.operation.kind == RelayOperation::Kind::list_models) return ok;
  CHECK(authorize_provider(exchange));
  if (exchange.account->provider == own) return ok;
  exchange.translated = make_translated_call(exchange.operation, exchange.account->translated_to);
  return exchange.translated == nullptr ? Result<>(not_translatable(exchange)) : ok;
}

}  // namespace relay
