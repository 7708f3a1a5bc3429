#include "service/auth_service.h"

#include "domain/identifier.h"
#include "domain/password.h"
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

Error invalid_credentials() {
  return Error(ErrorKind::unauthorized, "invalid_credentials", "Invalid credentials");
}

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

Result<> check_complete(const Registration& registration) {
  Error error(ErrorKind::validation, "fields_required",
              "Email, username, password and confirmPassword are required");
  const auto& passwords = registration.passwords;
  if (registration.email.empty()) error.on_field("email", "is required");
  if (registration.username.empty()) error.on_field("username", "is required");
  if (!sent(passwords.encrypted) && !sent(passwords.plain)) error.on_field("password", "is required");
  if (!error.fields().empty()) return error;
  return ok;
}

// The first error's words, every error's fields.
void collect(std::optional<Error>& all, Error one) {
  if (!all) {
    all = std::move(one);
    return;
  }
  for (const auto& [field, message] : one.fields()) all->on_field(field, message);
}

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

Task<> AuthService::prepare() {
  CO_TRY(auto pair, co_await key_pair());
  (void)pair;
  co_return ok;
}

Task<AuthService::KeyPair> AuthService::key_pair() {
  {
    const std::lock_guard lock(mutex_);
    if (key_pair_) co_return key_pair_;
  }
  CO_TRY(auto pair, co_await load_or_make_key_pair());
  const std::lock_guard lock(mutex_);
  key_pair_ = pair;
  co_return pair;
}

Task<AuthService::KeyPair> AuthService::load_or_make_key_pair() {
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

Task<SignInKey> AuthService::sign_in_key(Device device) {
  CO_CHECK(co_await count_address("key", std::move(device.address)));
  CO_TRY(auto pair, co_await key_pair());
  std::array<unsigned char, kNonceBytes> bytes;
  parts_.random.fill(std::as_writable_bytes(std::span(bytes)));
  auto nonce = to_hex(bytes);
  CO_CHECK(co_await parts_.nonces.put(nonce, kNonceLifetime));
  co_return SignInKey{
      .public_pem = pair->public_pem(), .nonce = std::move(nonce), .issued_at = parts_.clock.now()};
}

Task<> AuthService::count_address(const char* action, std::string address) {
  const ThrottleRule rule{.attempts = settings_.attempts_per_address, .window = 1min};
  return parts_.throttle.attempt(std::string("address:") + action + ":" + throttle_name(address), rule);
}

// Counted before the work, not after: of a thousand tries at once, no more than the limit are looked at.
Task<> AuthService::count_login(std::string account, Device device) {
  const ThrottleRule pair_rule{.attempts = std::max<std::int64_t>(1, settings_.attempts_per_address / 3),
                               .window = 1min};
  const ThrottleRule account_rule{.attempts = settings_.attempts_per_address * 2, .window = 5min};
  CO_CHECK(
      co_await parts_.throttle.attempt("pair:" + account + ":" + throttle_name(device.address), pair_rule));
  auto counted = co_await parts_.throttle.attempt("account:" + account, account_rule);
  if (counted.has_value() || counted.error().kind() != ErrorKind::too_many_requests) co_return counted;
  co_return co_await check_known_address(std::move(account), std::move(device), std::move(counted).error());
}

Task<> AuthService::check_known_address(std::string account, Device device, Error refusal) {
  auto user = co_await parts_.users.find_by_email(EmailAddress::from_store(std::move(account)));
  if (user.has_error()) co_return refusal;
  CO_TRY(auto sessions, co_await parts_.sessions.list(user->id));
  const bool known =
      std::ranges::any_of(sessions, [&](const Session& s) { return s.address == device.address; });
  if (!known) co_return refusal;
  co_return ok;
}

Result<> AuthService::check_plaintext_allowed(const Device& device) const {
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

Task<AuthService::PlainPasswords> AuthService::read_passwords(PasswordFields fields, Device device) {
  if (sent(fields.encrypted)) co_return co_await decrypt(std::move(fields));
  CO_CHECK(check_plaintext_allowed(device));
  PlainPasswords plain{.password = std::move(fields.plain).value_or(""),
                       .confirm = std::move(fields.plain_confirm)};
  co_return plain;
}

Task<AuthService::PlainPasswords> AuthService::decrypt(PasswordFields fields) {
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
    return plain;
  };
  co_return co_await parts_.crypto_pool.run(std::move(work));
}

Task<SignedInUser> AuthService::register_user(Registration registration, Device device) {
  CO_CHECK(check_complete(registration));
  CO_CHECK(co_await count_address("register", device.address));
  CO_TRY(auto plain, co_await read_passwords(std::move(registration.passwords), device));

  auto email = EmailAddress::parse(registration.email);
  auto username = Username::parse(registration.username);
  auto password = Password::parse(plain.password);
  std::optional<Error> wrong;
  if (email.has_error()) collect(wrong, std::move(email).error());
  if (username.has_error()) collect(wrong, std::move(username).error());
  if (password.has_error()) collect(wrong, std::move(password).error());
  if (plain.confirm && *plain.confirm != plain.password) {
    auto mismatch = Error(ErrorKind::validation, "passwords_differ", "Passwords do not match")
                        .on_field("confirmPassword", "must be the same as password");
    collect(wrong, std::move(mismatch));
  }
  if (wrong) co_return *std::move(wrong);

  auto work = [this, text = password->text()] {
    return hash_password(text, settings_.bcrypt_cost, parts_.random);
  };
  CO_TRY(auto hash, co_await parts_.crypto_pool.run(std::move(work)));
  const auto now = parts_.clock.now();
  User user{.id = make_identifier("usr_", now, parts_.random),
            .email = *std::move(email),
            .username = *std::move(username),
            .display_name = registration.username,
            .password_hash = std::move(hash),
            .last_login_at = now,
            .created_at = now,
            .updated_at = now};
  CO_CHECK(co_await insert(user));
  auto mail = parts_.outbox.make(MailKind::verify_email, user.id, user.email.text());
  CO_CHECK(co_await parts_.outbox.put(std::move(mail)));
  CO_TRY(auto tokens, co_await parts_.sessions.open(user, std::move(device)));
  co_return SignedInUser{.user = std::move(user), .tokens = std::move(tokens)};
}

Task<> AuthService::insert(User user) {
  auto inserted = co_await parts_.users.insert(user);
  if (inserted.has_value() || inserted.error().code() != "username_taken") co_return inserted;
  // When both are taken it is most often the same person again: the address is the better answer.
  auto same_email = co_await parts_.users.find_by_email(user.email);
  if (same_email.has_error()) co_return inserted;
  co_return Error(ErrorKind::conflict, "email_taken", "Email already registered");
}

Task<SignedInUser> AuthService::login(std::string email_text, PasswordFields fields, Device device) {
  if (email_text.empty() || (!sent(fields.encrypted) && !sent(fields.plain))) {
    Error error(ErrorKind::validation, "fields_required", "Email and password are required");
    if (email_text.empty()) error.on_field("email", "is required");
    if (!sent(fields.encrypted) && !sent(fields.plain)) error.on_field("password", "is required");
    co_return error;
  }
  CO_CHECK(co_await count_address("login", device.address));
  // A text that is no address is an unknown account, with all that follows.
  auto email = EmailAddress::parse(email_text);
  const auto account = email.has_value() ? email->text() : std::string("?");
  CO_CHECK(co_await count_login(account, device));
  CO_TRY(auto plain, co_await read_passwords(std::move(fields), device));

  auto found = co_await parts_.users.find_by_email(EmailAddress::from_store(account));
  if (found.has_error() && found.error().kind() != ErrorKind::not_found) co_return std::move(found).error();
  std::string hash = found.has_value() ? found->password_hash : "";
  if (hash.empty()) hash = nobodys_hash(settings_.bcrypt_cost);
  auto work = [password = plain.password, hash = std::move(hash)]() -> Result<bool> {
    return verify_password(password, hash);
  };
  CO_TRY(const bool right, co_await parts_.crypto_pool.run(std::move(work)));
  if (!right || found.has_error()) co_return invalid_credentials();
  auto user = *std::move(found);
  CO_CHECK(user.check_active());

  CO_CHECK(co_await parts_.throttle.forget("pair:" + account + ":" + throttle_name(device.address)));
  CO_CHECK(co_await parts_.throttle.forget("account:" + account));
  if (needs_rehash(user.password_hash, settings_.bcrypt_cost)) {
    CO_CHECK(co_await renew_hash(user, std::move(plain.password)));
  }
  user.last_login_at = parts_.clock.now();
  CO_CHECK(co_await parts_.users.record_login(user.id, *user.last_login_at));
  CO_TRY(auto tokens, co_await parts_.sessions.open(user, std::move(device)));
  co_return SignedInUser{.user = std::move(user), .tokens = std::move(tokens)};
}

Task<> AuthService::renew_hash(User user, std::string password) {
  auto work = [this, password = std::move(password)] {
    return hash_password(password, settings_.bcrypt_cost, parts_.random);
  };
  CO_TRY(auto hash, co_await parts_.crypto_pool.run(std::move(work)));
  UserChanges changes;
  changes.password_hash = std::move(hash);
  CO_TRY(auto updated,
         co_await parts_.users.update(std::move(user.id), std::move(changes), parts_.clock.now()));
  (void)updated;
  co_return ok;
}

Task<IssuedTokens> AuthService::refresh(std::string refresh_token, Device device) {
  if (refresh_token.empty()) {
    co_return Error(ErrorKind::validation, "refresh_token_required", "Refresh token is required")
        .on_field("refreshToken", "is required");
  }
  CO_CHECK(co_await count_address("refresh", device.address));
  co_return co_await parts_.sessions.refresh(std::move(refresh_token), std::move(device));
}

}  // namespace relay
