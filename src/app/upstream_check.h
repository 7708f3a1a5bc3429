// Asking a provider for its list of models, with the same connections, trust and credential as relayed calls
// have.
#pragma once

#include "base/result.h"
#include "net/tls.h"
#include "service/upstream_account_service.h"
#include "upstream/account.h"

#include <chrono>
#include <string>

namespace relay {

struct ModelsAnswer {
  int status = 0;
  std::string head{};
};

/// Blocks for as long as connecting may take, and 20 s beside. bad_gateway, gateway_timeout: there was no
/// answer in HTTP.
Result<ModelsAnswer> ask_for_models(const UpstreamAccount& account, const TlsClient& trust,
                                    std::chrono::milliseconds connect);

/// The same in words for an administrator. Blocks.
AccountTrial try_account(const UpstreamAccount& account, const TlsClient& trust,
                         std::chrono::milliseconds connect);

}  // namespace relay
