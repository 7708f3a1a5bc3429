// Everything that is sealed, under the newest key.
#pragma once

#include "base/random.h"
#include "crypto/sealed_box.h"
#include "store/row_store.h"
#include "store/secret_store.h"
#include "store/two_factor_store.h"
#include "store/upstream_account_store.h"

#include <cstdint>
#include <string>
#include <vector>

namespace relay {

struct SecretRotation {
  std::int64_t sealed_anew = 0;
  std::int64_t current = 0;  // were under the newest key already
  /// What no key of ours opens: "account upa_…". The others are done all the same.
  std::vector<std::string> unreadable{};
};

struct SecretRotationParts {  // all must outlive the call
  UpstreamAccountStore& accounts;
  TwoFactorStore& two_factors;
  SecretStore& secrets;
  RowStore& rows;
  const SealedBox& box;
  Random& random;
};

/// Seals anew what an older key sealed: accounts' credentials and their proxies' passwords, authenticators'
/// secrets, the key pair of sign-in. Beside running servers that have both keys: a secret that somebody
/// changes meanwhile is left as they made it. Nothing is written twice, so it may be repeated. unavailable.
Task<SecretRotation> rotate_secrets(SecretRotationParts parts);

}  // namespace relay
