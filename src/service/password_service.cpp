#include "service/password_service.h"

#include "text/base64.h"
#include "text/hex.h"
#include "text/ip_address.h"

#include <algorithm>
#include <array>

namespace relay {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kNonceBytes = 32;
constexpr auto kNonceLifetime = 5min;
constexpr std::string_view kKeyPairName = "sign_in_key_pair";
constexpr std::size_t kCipherTextMax = 1024;  // base64 of 256 bytes is 344

Error bad_nonce() {
  return Error(ErrorKind::security, "nonce_invalid",
               "Invalid or expired request. Please refresh and try again.");
}

Error not_decrypted(const char* cause) {
  return Error(ErrorKind::security, "decryption_failed",
               "Password decryption failed. Please refresh and try again.")
      .because(cause);
}

// A well-formed hash of no password, so that an unknown account costs what a known one costs.
std::string nobodys_hash(int cost) {
  const auto digits = std::to_string(100 + std::clamp(cost, kBcryptCostMin, kBcryptCostMax)).substr(1);
  return "$2b$" + digits + "$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
}

bool sent(const std::optional<std::string>& text) { return text.has_value() && !text->empty(); }

Result<std::string> decrypt_field(const RsaKeyPair& keys, const std::string& base64) {
  if (base64.size() > kCipherTextMax) return not_decrypted("too long");
  const auto cipher = parse_base64(base64);
  if (!cipher) return not_decrypted("not base64");
  return keys.decrypt(*cipher);
}

bool is_loopback(const std::string& address) {
  const auto parsed = IpAddress::parse(address);
  return parsed.has_value() && parsed->is_loopback();
}

}  // namespace

Error invalid_credentials() {
  return Error(ErrorKind::unauthorized, "invalid_credentials", "Invalid credentials");
}

Result<Password> parse_new_password(const PlainPasswords& plain, const char* field) {
  auto password = Password::parse(plain.password);
  std::optional<Error> wrong;
  if (password.has_error()) {
    const auto& error = password.error();
    wrong = Error(error.kind(), error.code(), error.message());
    for (const auto& each : error.fields()) wrong->on_field(field, each.message);
  }
  if (plain.confirm && *plain.confirm != plain.password) {
    if (!wrong) wrong = Error(ErrorKind::validation, "passwords_differ", "Passwords do not match");
    wrong->on_field("confirmPassword", std::string("must be the same as ") + field);
  }
  if (wrong) return *std::move(wrong);
  return password;
}

bool PasswordFields::given() const { return sent(encrypted) || sent(plain); }

bool PasswordFields::current_given() const {
  return sent(encrypted) ? sent(encrypted_current) : sent(plain_current);
}

Task<> PasswordService::prepare() {
  CO_TRY(auto pair, co_await key_pair());
  (void)pair;
  co_return ok;
}

Task<PasswordService::KeyPair> PasswordService::key_pair() {
  {
    const std::lock_guard lock(mutex_);
    if (key_pair_) co_return key_pair_;
  }
  CO_TRY(auto pair, co_await load_or_make_key_pair());
  const std::lock_guard lock(mutex_);
  key_pair_ = pair;
  co_return pair;
}

Task<PasswordService::KeyPair> PasswordService::load_or_make_key_pair() {
  const std::string name(kKeyPairName);
  auto record = co_await parts_.secrets.find(name);
  if (record.has_error()) {
    if (record.error().kind() != ErrorKind::not_found) co_return std::move(record).error();
    auto make = [] { return RsaKeyPair::generate(); };
    CO_TRY(auto made, co_await parts_.crypto_pool.run(make));
    CO_TRY(auto sealed, parts_.box.seal(made.private_pem(), kKeyPairName, parts_.random));
    record = co_await parts_.secrets.put_if_absent(name, std::move(sealed), parts_.clock.now());
    if (record.has_error()) co_return std::move(record).error();
  }
  CO_TRY(auto pem, parts_.box.open(*record, kKeyPairName));
  CO_TRY(auto pair, RsaKeyPair::from_private_pem(pem));
  co_return std::make_shared<const RsaKeyPair>(std::move(pair));
}

Task<SignInKey> PasswordService::sign_in_key() {
  CO_TRY(auto pair, co_await key_pair());
  std::array<unsigned char, kNonceBytes> bytes;
  parts_.random.fill(std::as_writable_bytes(std::span(bytes)));
  auto nonce = to_hex(bytes);
  CO_CHECK(co_await parts_.nonces.put(nonce, kNonceLifetime));
  co_return SignInKey{
      .public_pem = pair->public_pem(), .nonce = std::move(nonce), .issued_at = parts_.clock.now()};
}

Result<> PasswordService::check_plaintext_allowed(const Device& device) const {
  // Behind a proxy on this machine the peer is loopback too, but the person is not.
  const bool from_here = device.is_loopback_peer && (device.address.empty() || is_loopback(device.address));
  const bool allowed = settings_.plaintext == PlaintextPasswords::always ||
                       (settings_.plaintext == PlaintextPasswords::automatic && (device.is_tls || from_here));
  if (allowed) return ok;
  return Error(ErrorKind::validation, "plaintext_password_refused",
               "Plain-text passwords are not accepted over this connection. Get a key from "
               "GET /api/client/auth/public-key and send encryptedPassword with its nonce, or use TLS.")
      .on_field("password", "must be sent as encryptedPassword with a nonce");
}

Task<PlainPasswords> PasswordService::read(PasswordFields fields, Device device) {
  if (sent(fields.encrypted)) co_return co_await decrypt(std::move(fields));
  CO_CHECK(check_plaintext_allowed(device));
  PlainPasswords plain{.password = std::move(fields.plain).value_or(""),
                       .confirm = std::move(fields.plain_confirm),
                       .current = std::move(fields.plain_current)};
  co_return plain;
}

Task<PlainPasswords> PasswordService::decrypt(PasswordFields fields) {
  auto taken = co_await parts_.nonces.take(std::move(fields.nonce).value_or(""));
  if (taken.has_error()) {
    if (taken.error().kind() == ErrorKind::not_found) co_return bad_nonce();
    co_return std::move(taken).error();
  }
  CO_TRY(auto keys, co_await key_pair());
  auto work = [keys, fields = std::move(fields)]() -> Result<PlainPasswords> {
    PlainPasswords plain;
    TRY(plain.password, decrypt_field(*keys, *fields.encrypted));
    if (sent(fields.encrypted_confirm)) {
      TRY(plain.confirm, decrypt_field(*keys, *fields.encrypted_confirm));
    }
    if (sent(fields.encrypted_current)) {
      TRY(plain.current, decrypt_field(*keys, *fields.encrypted_current));
    }
    return plain;
  };
  co_return co_await parts_.crypto_pool.run(std::move(work));
}

Task<std::string> PasswordService::hash(std::string password) {
  auto work = [this, password = std::move(password)] {
    return hash_password(password, settings_.bcrypt_cost, parts_.random);
  };
  co_return co_await parts_.crypto_pool.run(std::move(work));
}

Task<bool> PasswordService::verify(std::string password, std::string hash) {
  const bool nobody = hash.empty();
  if (nobody) hash = nobodys_hash(settings_.bcrypt_cost);
  auto work = [password = std::move(password), hash = std::move(hash)]() -> Result<bool> {
    return verify_password(password, hash);
  };
  CO_TRY(const bool right, co_await parts_.crypto_pool.run(std::move(work)));
  co_return right && !nobody;
}

Task<> PasswordService::check(User user, PasswordFields fields, Device device) {
  CO_TRY(auto plain, co_await read(std::move(fields), std::move(device)));
  CO_TRY(const bool right, co_await verify(std::move(plain.password), std::move(user.password_hash)));
  if (!right) co_return invalid_credentials();
  co_return ok;
}

}  // namespace relay
