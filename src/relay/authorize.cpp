#include "relay/phases.h"

#include "metering/price_table.h"
#include "text/ip_address.h"

namespace relay {
namespace {

Error permission_denied(Permission permission) {
  return Error(ErrorKind::forbidden, "permission_denied",
               "This API key may not use " + std::string(to_string(permission)) + " models");
}

}  // namespace

Result<> authorize(const Exchange& exchange, WallTime now) {
  const auto& key = *exchange.key;
  CHECK(key.check_usable(now));
  const auto permission = permission_for(provider_of(exchange.dialect));
  // A list of models is for any key: it shows what this one may use. And whose model a call asks for that can
  // be translated is known when its body is: authorize_provider().
  if (exchange.operation.kind != RelayOperation::Kind::list_models && !key.permissions.allows(permission) &&
      (key.permissions.none() || !is_translatable(exchange.operation))) {
    return permission_denied(permission);
  }
  if (key.ip_rules.none()) return ok;
  const auto address = IpAddress::parse(exchange.client_address);
  if (address && key.ip_rules.allows(*address)) return ok;
  return Error(ErrorKind::forbidden, "address_forbidden", "This API key may not be used from this address");
}

Result<> authorize_provider(const Exchange& exchange) {
  const auto permission = permission_for(exchange.account->provider);
  return exchange.key->permissions.allows(permission) ? ok : Result<>(permission_denied(permission));
}

Result<> check_priced(const Exchange& exchange, const PriceTable& prices) {
  if (exchange.operation.kind != RelayOperation::Kind::generate) return ok;
  const auto is_priced = [&](std::string_view model) {
    return prices.find(model, "standard", 0, exchange.began) != nullptr;
  };
  if (is_priced(exchange.requested_model)) return ok;
  // A name of the relay's own stands for one that has a price.
  for (const auto& candidate : *exchange.candidates) {
    if (is_priced(candidate.account->upstream_model(exchange.requested_model))) return ok;
  }
  return Error(ErrorKind::not_found, "model_not_priced",
               "The model " + exchange.requested_model.substr(0, 200) +
                   " has no price on this relay, and models without one are blocked here")
      .on_field("model", "has no price");
}

Result<> authorize_model(const Exchange& exchange) {
  const auto kind = exchange.operation.kind;
  if (kind == RelayOperation::Kind::list_models || kind == RelayOperation::Kind::object) return ok;
  if (exchange.key->models.allows(exchange.requested_model)) return ok;
  return Error(ErrorKind::forbidden, "model_forbidden",
               "This API key may not use the model " + exchange.requested_model.substr(0, 200));
}

}  // namespace relay
