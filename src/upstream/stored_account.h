// Accounts of the store, made ready for calls.
#pragma once

#include "base/random.h"
#include "crypto/sealed_box.h"
#include "domain/upstream_account.h"
#include "upstream/account.h"

#include <string>
#include <string_view>

namespace relay {

/// A proxy's URL apart: what may be shown, and the password as it stands in the URL (percent-encoded).
struct ProxyParts {
  std::string shown{};
  std::string password{};
};
/// Nothing is checked. A URL without a password has none.
ProxyParts take_password_out(std::string_view proxy_url);

/// Seals both for the account with this id; an empty password stays empty. internal "seal_failed".
Result<AccountSecrets> seal_secrets(const AccountSecrets& plain, const std::string& account_id,
                                    const SealedBox& box, Random& random);
/// internal "sealed_unreadable" for secrets that were sealed for another account or under an unknown key.
Result<AccountSecrets> open_secrets(const StoredAccount& account, const SealedBox& box);

/// The account as calls use it, its secrets in clear text. internal as open_secrets(); validation where the
/// base URL or the proxy is none that can be used. Unless `allow_private` it connects to public addresses
/// only.
Result<UpstreamAccount> open_account(const StoredAccount& account, const SealedBox& box, bool allow_private);

}  // namespace relay
