// Registering and signing in: passwords encrypted by the client or, where allowed, in plain text.
#pragma once

#include "async/blocking_pool.h"
#include "base/clock.h"
#include "base/random.h"
#include "coordination/nonce_store.h"
#include "coordination/throttle.h"
#include "crypto/password_hash.h"
#include "crypto/rsa_oaep.h"
#include "crypto/sealed_box.h"
#include "delivery/outbox.h"
#include "service/device.h"
#include "service/session_service.h"
#include "store/secret_store.h"
#include "store/user_store.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

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
};

struct Registration {
  std::string email;
  std::string username;
  PasswordFields passwords;
};

struct SignedInUser {
  User user;
  IssuedTokens tokens;
};

/// Thread-safe. bcrypt and RSA run on `crypto_pool`: unavailable, with Retry-After, when its queue is full.
class AuthService {
 public:
  struct Settings {
    std::int64_t attempts_per_address = 30;  // a minute (AUTH_LIMIT_PER_ADDRESS)
    int bcrypt_cost = kBcryptCostDefault;
    PlaintextPasswords plaintext = PlaintextPasswords::automatic;
  };
  struct Parts {  // all must outlive the service
    UserStore& users;
    SecretStore& secrets;
    SessionService& sessions;
    NonceStore& nonces;
    Throttle& throttle;
    const SealedBox& box;
    BlockingPool& crypto_pool;
    Outbox& outbox;
    const Clock& clock;
    Random& random;
  };

  AuthService(Parts parts, Settings settings) : parts_(parts), settings_(settings) {}

  /// Loads the key pair, or makes and keeps one: at start-up, so that the first visitor need not wait.
  /// The calls below do it themselves when it was not done.
  Task<> prepare();

  Task<SignInKey> sign_in_key(Device device);

  /// validation with every wrong field named; security for a nonce or a decryption; conflict "email_taken",
  /// "username_taken"; too_many_requests.
  Task<SignedInUser> register_user(Registration registration, Device device);

  /// unauthorized "invalid_credentials", after the same work for known and unknown addresses; forbidden
  /// "account_inactive" after a right password only; too_many_requests by address, by account and by pair.
  /// A stranger's tries never lock the owner out of an address where a session of theirs is live.
  Task<SignedInUser> login(std::string email, PasswordFields passwords, Device device);

  /// Limited per address; errors as of SessionService::refresh.
  Task<IssuedTokens> refresh(std::string refresh_token, Device device);

 private:
  using KeyPair = std::shared_ptr<const RsaKeyPair>;
  struct PlainPasswords {
    std::string password;
    std::optional<std::string> confirm;
  };

  Task<KeyPair> key_pair();
  Task<KeyPair> load_or_make_key_pair();
  Task<PlainPasswords> read_passwords(PasswordFields fields, Device device);
  Task<PlainPasswords> decrypt(PasswordFields fields);
  Result<> check_plaintext_allowed(const Device& device) const;
  Task<> count_address(const char* action, std::string address);
  Task<> count_login(std::string account, Device device);
  Task<> check_known_address(std::string account, Device device, Error refusal);
  Task<> insert(User user);
  Task<> renew_hash(User user, std::string password);

  Parts parts_;
  Settings settings_;
  std::mutex mutex_;
  KeyPair key_pair_;  // null until loaded
};

}  // namespace relay
