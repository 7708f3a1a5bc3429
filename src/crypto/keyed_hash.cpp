#include "crypto/keyed_hash.h"

#include "crypto/openssl_error.h"
#include "crypto/sha256.h"
#include "crypto/text_bytes.h"
#include "text/hex.h"

#include <openssl/hmac.h>

#include <stdexcept>

namespace relay {
namespace {}  // namespace

KeyedHash::KeyedHash(const std::vector<std::string>& secrets, std::string_view purpose)
    : keys_(derive_keys(secrets, purpose)) {}

std::string KeyedHash::hash_under(const DerivedKey& key, std::string_view bytes) {
  Sha256Digest digest{};
  unsigned int size = digest.size();
  if (HMAC(EVP_sha256(), key.bytes.data(), static_cast<int>(key.bytes.size()), bytes_of(bytes), bytes.size(),
           digest.data(), &size) == nullptr) {
    throw std::runtime_error("HMAC failed: " + take_openssl_error());
  }
  return key.id + ":" + to_hex(digest);
}

const DerivedKey* KeyedHash::key_of(std::string_view hash) const {
  for (const auto& key : keys_) {
    if (hash.starts_with(key.id + ":")) return &key;
  }
  return nullptr;
}

std::string KeyedHash::of(std::string_view bytes) const {
  return keys_.empty() ? std::string() : hash_under(keys_.front(), bytes);
}

bool KeyedHash::is_right(std::string_view hash, std::string_view bytes) const {
  const auto* key = key_of(hash);
  return key != nullptr && equal_in_constant_time(hash, hash_under(*key, bytes));
}

bool KeyedHash::knows_key_of(std::string_view hash) const { return key_of(hash) != nullptr; }

}  // namespace relay
