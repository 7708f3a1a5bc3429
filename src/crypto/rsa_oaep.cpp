#include "crypto/rsa_oaep.h"

#include "crypto/text_bytes.h"

#include "crypto/openssl_error.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace relay {

struct RsaKeyPair::Key {
  explicit Key(EVP_PKEY* pkey) : handle(pkey) {}
  ~Key() { EVP_PKEY_free(handle); }
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;
  EVP_PKEY* handle;
};

namespace {

constexpr unsigned kBits = 2048;
constexpr std::size_t kPlainBytesMax = kBits / 8 - 2 * 32 - 2;  // RFC 8017 7.1.1

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Context = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;

Error broken_key() {
  return Error(ErrorKind::internal, "rsa_key_failed", "Internal error").because(take_openssl_error());
}

Error not_decrypted() {
  return Error(ErrorKind::security, "decryption_failed",
               "Password decryption failed. Please refresh and try again.")
      .because(take_openssl_error());
}

std::string take_text(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

bool use_oaep_sha256(EVP_PKEY_CTX* context) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) > 0 &&
         EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) > 0 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) > 0;
}

}  // namespace

RsaKeyPair::RsaKeyPair(std::shared_ptr<const Key> key) : key_(std::move(key)) {
  const Bio bio(BIO_new(BIO_s_mem()), BIO_free);
  if (PEM_write_bio_PUBKEY(bio.get(), key_->handle) == 1) public_pem_ = take_text(bio.get());
}

Result<RsaKeyPair> RsaKeyPair::generate() {
  auto key = std::make_shared<const Key>(EVP_RSA_gen(kBits));
  if (key->handle == nullptr) return broken_key();
  return RsaKeyPair(std::move(key));
}

Result<RsaKeyPair> RsaKeyPair::from_private_pem(const std::string& pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  // An empty passphrase, not none: with none OpenSSL would ask on the terminal.
  char no_passphrase[] = "";
  auto key = std::make_shared<const Key>(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, no_passphrase));
  if (key->handle == nullptr) return broken_key();
  if (EVP_PKEY_get_base_id(key->handle) != EVP_PKEY_RSA ||
      EVP_PKEY_get_bits(key->handle) < static_cast<int>(kBits)) {
    return Error(ErrorKind::internal, "rsa_key_failed", "Internal error").because("not RSA-2048");
  }
  return RsaKeyPair(std::move(key));
}

std::string RsaKeyPair::private_pem() const {
  const Bio bio(BIO_new(BIO_s_secmem()), BIO_free);
  if (PEM_write_bio_PrivateKey(bio.get(), key_->handle, nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return "";
  return take_text(bio.get());
}

Result<std::string> RsaKeyPair::decrypt(std::string_view cipher) const {
  const Context context(EVP_PKEY_CTX_new(key_->handle, nullptr), EVP_PKEY_CTX_free);
  if (!context || EVP_PKEY_decrypt_init(context.get()) <= 0 || !use_oaep_sha256(context.get())) {
    return broken_key();
  }
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key_->handle));
  std::string plain(size, '\0');
  if (EVP_PKEY_decrypt(context.get(), writable_bytes(plain), &size, bytes_of(cipher), cipher.size()) <= 0) {
    return not_decrypted();
  }
  OPENSSL_cleanse(plain.data() + size, plain.size() - size);
  plain.resize(size);
  return plain;
}

Result<std::string> RsaKeyPair::encrypt(std::string_view plain) const {
  if (plain.size() > kPlainBytesMax) {
    return Error(ErrorKind::validation, "text_too_long", "The text is too long to encrypt");
  }
  const Context context(EVP_PKEY_CTX_new(key_->handle, nullptr), EVP_PKEY_CTX_free);
  if (!context || EVP_PKEY_encrypt_init(context.get()) <= 0 || !use_oaep_sha256(context.get())) {
    return broken_key();
  }
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key_->handle));
  std::string cipher(size, '\0');
  if (EVP_PKEY_encrypt(context.get(), writable_bytes(cipher), &size, bytes_of(plain), plain.size()) <= 0) {
    return broken_key();
  }
  cipher.resize(size);
  return cipher;
}

}  // namespace relay
