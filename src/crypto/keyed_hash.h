// HMAC-SHA256 under a key that is derived from a secret for one purpose.
#pragma once

#include "crypto/derived_key.h"

#include <string>
#include <string_view>
#include <vector>

namespace relay {

/// Who does not have the secret can neither make a hash nor tell whether one is right. Immutable,
/// thread-safe.
class KeyedHash {
 public:
  /// The first secret makes hashes, all of them check: a new one is put in front to rotate. The keys come
  /// from the secrets and `purpose` by HKDF-SHA256, so that two purposes share no key. Without a secret every
  /// hash is empty and none is right: for commands that read only. Throws std::runtime_error when OpenSSL
  /// fails.
  KeyedHash(const std::vector<std::string>& secrets, std::string_view purpose);

  /// "<8 hexadecimal digits of the key's id>:<64 of the hash>".
  std::string of(std::string_view bytes) const;

  /// False too for a hash that a secret made which is not among ours any more: see knows_key_of().
  bool is_right(std::string_view hash, std::string_view bytes) const;
  bool knows_key_of(std::string_view hash) const;

 private:
  static std::string hash_under(const DerivedKey& key, std::string_view bytes);
  const DerivedKey* key_of(std::string_view hash) const;
  std::vector<DerivedKey> keys_;
};

}  // namespace relay
