// Secrets at rest: AES-256-GCM under ENCRYPTION_KEY, with the key's id in the record.
#pragma once

#include "base/random.h"
#include "base/result.h"
#include "crypto/derived_key.h"

#include <string>
#include <string_view>
#include <vector>

namespace relay {

/// A record is "v1.<key id>.<base64url of nonce, cipher text and tag>". Immutable, thread-safe.
class SealedBox {
 public:
  /// The first secret seals, all of them open: a new one is put in front to rotate. Each is any text of
  /// 16 bytes or more (Settings checks its strength); the AES key comes from it by HKDF-SHA256.
  /// `secrets` is not empty.
  explicit SealedBox(const std::vector<std::string>& secrets);

  /// `purpose` ("sign-in key pair") is authenticated with the record: moved elsewhere it does not open.
  Result<std::string> seal(std::string_view plain, std::string_view purpose, Random& random) const;

  /// internal "sealed_unreadable" for a record of an unknown key, a wrong purpose or a changed byte.
  Result<std::string> open(std::string_view record, std::string_view purpose) const;

  /// False for a record that an older secret sealed: seal it anew.
  bool is_current(std::string_view record) const;

 private:
  std::vector<DerivedKey> keys_;
};

}  // namespace relay
