#include "crypto/derived_key.h"

#include "crypto/text_bytes.h"

#include "crypto/openssl_error.h"
#include "crypto/sha256.h"

#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <memory>
#include <stdexcept>

namespace relay {
namespace {

using KeyContext = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;

DerivedKey derive_key(std::string_view secret, std::string_view purpose) {
  DerivedKey key;
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
  key.id = sha256_hex("key id:" + std::string(raw)).substr(0, DerivedKey::kKeyIdDigits);
  return key;
}

}  // namespace

std::vector<DerivedKey> derive_keys(const std::vector<std::string>& secrets, std::string_view purpose) {
  std::vector<DerivedKey> keys;
  for (const auto& secret : secrets) keys.push_back(derive_key(secret, purpose));
  return keys;
}

}  // namespace relay
