// The key pair that browsers encrypt passwords for: RSA-2048, OAEP with SHA-256 for hash and MGF1.
#pragma once

#include "base/result.h"

#include <memory>
#include <string>
#include <string_view>

namespace relay {

/// Immutable after it was made; thread-safe.
class RsaKeyPair {
 public:
  /// Takes tenths of a second: call it on a pool thread. internal when OpenSSL fails.
  static Result<RsaKeyPair> generate();

  /// From private_pem(). internal for anything but an RSA key of 2048 bits or more.
  static Result<RsaKeyPair> from_private_pem(const std::string& pem);

  /// PKCS#8, unencrypted: to be sealed before it is kept.
  std::string private_pem() const;

  /// SPKI, "-----BEGIN PUBLIC KEY-----", as WebCrypto and Node take it.
  const std::string& public_pem() const { return public_pem_; }

  /// The plain text of `cipher` (raw bytes). Milliseconds of CPU. security "decryption_failed" for every
  /// failure alike: what was wrong must not be told (Manger's attack on OAEP).
  Result<std::string> decrypt(std::string_view cipher) const;

  /// The other direction, for tests and our own clients. validation when `plain` is over 190 bytes.
  Result<std::string> encrypt(std::string_view plain) const;

 private:
  struct Key;
  explicit RsaKeyPair(std::shared_ptr<const Key> key);
  std::shared_ptr<const Key> key_;
  std::string public_pem_;
};

}  // namespace relay
