#include "crypto/keyed_hash.h"

#include "crypto/openssl_error.h"
#include "crypto/sha256.h"
#include "text/hex.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>

#include <memory>
#include <stdexcept>

namespace relay {
namespace {

constexpr std::size_t kKeyIdDigits = 8;

using KeyContext = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

KeyedHash::KeyedHash(const std::vector<std::string>& secrets, std::string_view purpose) {
  for (const auto& secret : secrets) keys_.push_back(derive(secret, purpose));
}

KeyedHash::Key KeyedHash::derive(std::string_view secret, std::string_view purpose) {
  Key key;
  std::size_t size = key.bytes.size();
  const KeyContext context(EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nullptr), EVP_PKEY_CTX_free);
  const bool derived =
      context && EVP_PKEY_derive_init(context.get()) > 0 &&
      EVP_PKEY_CTX_set_hkdf_md(context.get(), EVP_sha256()) > 0 &&
      EVP_PKEY_CTX_set1_hkdf_key(context.get(), bytes_of(secret), static_cast<int>(secret.size())) > 0 &&
      EVP_PKEY_CTX_add1_hkdf_info(context.get(), bytes_of(purpose), static_cast<int>(purpose.size())) > 0 &&
      EVP_PKEY_derive(context.get(), key.bytes.data(), &size) > 0;
  if (!derived) throw std::runtime_error("HKDF failed: " + take_openssl_error());
  const std::string_view raw(reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size());
  key.id = sha256_hex("key id:" + std::string(raw)).substr(0, kKeyIdDigits);
  return key;
}

std::string KeyedHash::hash_under(const Key& key, std::string_view bytes) {
  Sha256Digest digest{};
  unsigned int size = digest.size();
  if (HMAC(EVP_sha256(), key.bytes.data(), static_cast<int>(key.bytes.size()), bytes_of(bytes), bytes.size(),
           digest.data(), &size) == nullptr) {
    throw std::runtime_error("HMAC failed: " + take_openssl_error());
  }
  return key.id + ":" + to_hex(digest);
}

const KeyedHash::Key* KeyedHash::key_of(std::string_view hash) const {
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
