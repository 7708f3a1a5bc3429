// Passwords on their way in: encrypted by the client or, where allowed, in plain text; hashed and checked.
#pragma once

#include "async/blocking_pool.h"
#include "base/clock.h"
#include "base/random.h"
#include "coordination/nonce_store.h"
#include "crypto/password_hash.h"
#include "crypto/rsa_oaep.h"
#include "crypto/sealed_box.h"
#include "domain/password.h"
#include "domain/user.h"
#include "service/device.h"
#include "store/secret_store.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace relay {

/// Whether passwords may come in plain text (ALLOW_PLAINTEXT_PASSWORDS).
enum class PlaintextPasswords {
  automatic,  // from this machine or over TLS
  always,
  never,
};

/// What the sign-in form needs to encrypt a password.
struct SignInKey {
  std::string public_pem;
  std::string nonce;  // 64 hexadecimal digits, good for one request within 5 minutes
  WallTime issued_at;
};

/// Either form of the passwords of one request. One nonce serves all encrypted fields.
struct PasswordFields {
  std::optional<std::string> encrypted;  // base64 of RSA-OAEP
  std::optional<std::string> encrypted_confirm;
  std::optional<std::string> nonce;
  std::optional<std::string> plain;
  std::optional<std::string> plain_confirm;
  std::optional<std::string> encrypted_current{};  // where a new password needs the one before it
  std::optional<std::string> plain_current{};

  /// A password is there, in whichever form.
  bool given() const;
  /// And so is the one before it, in the same form.
  bool current_given() const;
};

struct PlainPasswords {
  std::string password;
  std::optional<std::string> confirm;
  std::optional<std::string> current;
};

/// Thread-safe. bcrypt and RSA run on `crypto_pool`: unavailable, with Retry-After, when its queue is full.
class PasswordService {
 public:
  struct Settings {
    int bcrypt_cost = kBcryptCostDefault;
    PlaintextPasswords plaintext = PlaintextPasswords::automatic;
  };
  struct Parts {  // all must outlive the service
    SecretStore& secrets;
    NonceStore& nonces;
    const SealedBox& box;
    BlockingPool& crypto_pool;
    const Clock& clock;
    Random& random;
  };

  PasswordService(Parts parts, Settings settings) : parts_(parts), settings_(settings) {}

  /// Loads the key pair, or makes and keeps one: at start-up, so that the first visitor need not wait.
  /// The calls below do it themselves when it was not done.
  Task<> prepare();

  Task<SignInKey> sign_in_key();

  /// security "nonce_invalid", "decryption_failed"; validation "plaintext_password_refused". Uses the nonce
  /// up, whatever comes of it.
  Task<PlainPasswords> read(PasswordFields fields, Device device);

  Task<std::string> hash(std::string password);

  /// Whether `hash` was made from `password`. An empty hash (nobody, or somebody without a password) takes
  /// the same work and is false.
  Task<bool> verify(std::string password, std::string hash);

  /// unauthorized "invalid_credentials" unless the fields hold the user's own password; else as read().
  Task<> check(User user, PasswordFields fields, Device device);

  bool needs_rehash(const std::string& hash) const {
    return relay::needs_rehash(hash, settings_.bcrypt_cost);
  }

 private:
  using KeyPair = std::shared_ptr<const RsaKeyPair>;

  Task<KeyPair> key_pair();
  Task<KeyPair> load_or_make_key_pair();
  Task<PlainPasswords> decrypt(PasswordFields fields);
  Result<> check_plaintext_allowed(const Device& device) const;

  Parts parts_;
  Settings settings_;
  std::mutex mutex_;
  KeyPair key_pair_;  // null until loaded
};

/// What a new password must be. validation on `field`, and on `confirmPassword` when that is another one.
Result<Password> parse_new_password(const PlainPasswords& plain, const char* field);

/// unauthorized "invalid_credentials": "Invalid credentials".
Error invalid_credentials();

}  // namespace relay
