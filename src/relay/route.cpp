#include "relay/phases.h"

#include "upstream/account_pool.h"

namespace relay {

Result<> route(Exchange& exchange, const AccountPool& accounts) {
  const auto provider = provider_of(exchange.dialect);
  exchange.account = accounts.find(provider);
  if (exchange.account != nullptr) return ok;
  return Error(ErrorKind::unavailable, "no_upstream",
               "No upstream account for " + std::string(to_string(provider)) + " is configured on this relay")
      .retry_in(std::chrono::seconds(60));
}

}  // namespace relay
