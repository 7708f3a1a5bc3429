#include "crypto/sealed_box.h"

#include "crypto/openssl_error.h"
#include "crypto/text_bytes.h"
#include "text/base64.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <span>
#include <stdexcept>

namespace relay {
namespace {

constexpr std::size_t kNonceBytes = 12;  // NIST SP 800-38D 8.2.2: 96 random bits
constexpr std::size_t kTagBytes = 16;
constexpr std::string_view kVersion = "v1.";
constexpr auto kKeyIdDigits = DerivedKey::kKeyIdDigits;
constexpr std::string_view kKeyPurpose = "claude-relay sealed box v1";

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

int size_of(std::string_view text) { return static_cast<int>(text.size()); }

Error unreadable(std::string cause) {
  return Error(ErrorKind::internal, "sealed_unreadable", "Internal error").because(std::move(cause));
}

std::string_view key_id_of(std::string_view record) {
  if (!record.starts_with(kVersion)) return {};
  record.remove_prefix(kVersion.size());
  if (record.size() <= kKeyIdDigits || record[kKeyIdDigits] != '.') return {};
  return record.substr(0, kKeyIdDigits);
}

}  // namespace

SealedBox::SealedBox(const std::vector<std::string>& secrets) : keys_(derive_keys(secrets, kKeyPurpose)) {
  if (keys_.empty()) throw std::invalid_argument("a sealed box needs a secret");
}

Result<std::string> SealedBox::seal(std::string_view plain, std::string_view purpose, Random& random) const {
  const auto& key = keys_.front();
  std::string box(kNonceBytes + plain.size() + kTagBytes, '\0');
  random.fill(std::as_writable_bytes(std::span(box).first(kNonceBytes)));

  const Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int written = 0;
  const auto at_text = kNonceBytes;
  const auto at_tag = kNonceBytes + plain.size();
  const bool sealed =
      cipher &&
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.bytes.data(), bytes_of(box)) > 0 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &written, bytes_of(purpose), size_of(purpose)) > 0 &&
      EVP_EncryptUpdate(cipher.get(), writable_bytes(box, at_text), &written, bytes_of(plain),
                        size_of(plain)) > 0 &&
      EVP_EncryptFinal_ex(cipher.get(), writable_bytes(box, at_tag), &written) > 0 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, writable_bytes(box, at_tag)) > 0;
  if (!sealed) {
    return Error(ErrorKind::internal, "seal_failed", "Internal error").because(take_openssl_error());
  }
  return std::string(kVersion) + key.id + "." + to_base64url(box);
}

Result<std::string> SealedBox::open(std::string_view record, std::string_view purpose) const {
  const auto id = key_id_of(record);
  const auto key = std::ranges::find(keys_, id, &DerivedKey::id);
  if (id.empty() || key == keys_.end()) return unreadable("sealed by an unknown key");
  auto box = parse_base64url(record.substr(kVersion.size() + kKeyIdDigits + 1));
  if (!box || box->size() < kNonceBytes + kTagBytes) return unreadable("sealed record cut short");

  const Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  const auto at_tag = box->size() - kTagBytes;
  const auto text = std::string_view(*box).substr(kNonceBytes, at_tag - kNonceBytes);
  std::string plain(text.size() + 1, '\0');  // never a null pointer for an empty text
  int written = 0;
  int rest = 0;
  const bool opened =
      cipher &&
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key->bytes.data(), bytes_of(*box)) > 0 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &written, bytes_of(purpose), size_of(purpose)) > 0 &&
      EVP_DecryptUpdate(cipher.get(), writable_bytes(plain), &written, bytes_of(text), size_of(text)) > 0 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, writable_bytes(*box, at_tag)) > 0 &&
      EVP_DecryptFinal_ex(cipher.get(), writable_bytes(plain, text.size()), &rest) > 0;
  if (!opened) return unreadable("sealed record changed, or not of this purpose: " + take_openssl_error());
  plain.resize(text.size());
  return plain;
}

bool SealedBox::is_current(std::string_view record) const { return key_id_of(record) == keys_.front().id; }

}  // namespace relay
