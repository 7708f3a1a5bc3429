#include "service/two_factor_service.h"

#include "crypto/sha256.h"
#include "crypto/totp.h"
#include "text/base32.h"
#include "text/base64.h"

#include <algorithm>
#include <array>

namespace relay {
namespace {

using namespace std::chrono_literals;

constexpr const char* kIssuer = "Claude Relay";
constexpr auto kTicketLifetime = 5min;
constexpr ThrottleRule kTriesOfATicket{.attempts = 5, .window = kTicketLifetime};
constexpr std::size_t kTicketBytes = 32;
constexpr std::size_t kTicketTextMax = 100;
constexpr int kRecoveryCodes = 10;
constexpr std::size_t kRecoveryBytes = 10;  // 80 bits: a plain hash of them cannot be searched
constexpr std::size_t kRecoveryCharacters = 16;
constexpr std::size_t kCodeTextMax = 64;

Error ticket_invalid(const char* cause) {
  return Error(ErrorKind::unauthorized, "ticket_invalid", "The sign-in has expired. Please sign in again.")
      .because(cause);
}

Error code_invalid(const char* cause) {
  return Error(ErrorKind::unauthorized, "code_invalid", "Invalid code").because(cause);
}

Error not_on() {
  return Error(ErrorKind::not_found, "two_factor_unknown", "Two-factor authentication is not on");
}

std::string ticket_name(const std::string& ticket) { return "two-factor:" + sha256_hex(ticket); }

bool is_given(const std::optional<std::string>& text) { return text.has_value() && !text->empty(); }

// As people type codes: in groups, in capitals.
std::string plain_code(const std::string& text) {
  std::string out;
  for (const char c : text.substr(0, kCodeTextMax)) {
    if (c == ' ' || c == '-') continue;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return out;
}

bool is_app_code(const std::string& code) {
  return code.size() == 6 && std::ranges::all_of(code, [](char c) { return c >= '0' && c <= '9'; });
}

// With the user's id, so that equal codes of two people have different hashes.
std::string recovery_hash(const std::string& user_id, const std::string& code) {
  return sha256_hex(user_id + ":" + code);
}

std::vector<std::string> hashes_of(const std::string& user_id, const std::vector<std::string>& codes) {
  std::vector<std::string> hashes;
  for (const auto& code : codes) hashes.push_back(recovery_hash(user_id, plain_code(code)));
  return hashes;
}

}  // namespace

bool SecondFactorFields::given() const { return is_given(code) || is_given(recovery_code); }

std::vector<std::string> TwoFactorService::make_recovery_codes() {
  std::vector<std::string> codes;
  for (int i = 0; i < kRecoveryCodes; ++i) {
    std::array<std::byte, kRecoveryBytes> bytes;
    parts_.random.fill(bytes);
    const auto letters = plain_code(to_base32({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
    std::string code;
    for (std::size_t at = 0; at < kRecoveryCharacters; at += 4) {
      code += (at == 0 ? "" : "-") + letters.substr(at, 4);
    }
    codes.push_back(std::move(code));
  }
  return codes;
}

// Not a coroutine: what it is given is taken over before it returns.
Task<> TwoFactorService::note(std::string_view action, std::string user_id, Device device) {
  auto act = act_of_user(action, std::move(user_id));
  return parts_.audit.record(std::move(act), std::move(device));
}

Task<TwoFactorState> TwoFactorService::state(std::string user_id) {
  auto found = co_await parts_.two_factors.find(std::move(user_id));
  if (found.has_error()) {
    if (found.error().kind() != ErrorKind::not_found) co_return std::move(found).error();
    co_return TwoFactorState{};
  }
  if (!found->is_on()) co_return TwoFactorState{};
  co_return TwoFactorState{
      .on = true, .confirmed_at = found->confirmed_at, .recovery_codes_left = found->recovery_codes_left};
}

Task<AuthenticatorSecret> TwoFactorService::set_up(std::string user_id) {
  CO_TRY(auto user, co_await parts_.users.find(user_id));
  const auto secret = make_totp_secret(parts_.random);
  CO_TRY(auto sealed, parts_.box.seal(secret, kTotpSealPurpose, parts_.random));
  TwoFactor two_factor{
      .user_id = std::move(user_id), .sealed_secret = std::move(sealed), .created_at = parts_.clock.now()};
  CO_CHECK(co_await parts_.two_factors.begin(std::move(two_factor)));
  co_return AuthenticatorSecret{.base32 = to_base32(secret),
                                .uri = otpauth_uri(secret, kIssuer, user.email.text())};
}

Task<std::vector<std::string>> TwoFactorService::confirm(std::string user_id, std::string code,
                                                         Device device) {
  CO_TRY(auto user, co_await parts_.users.find(user_id));
  auto account = user.email.text();
  CO_CHECK(co_await parts_.limits.count(AuthAction::second_factor, device, std::move(account)));
  CO_TRY(auto two_factor, co_await parts_.two_factors.find(user_id));
  if (two_factor.is_on()) {
    co_return Error(ErrorKind::conflict, "two_factor_on", "Two-factor authentication is on already");
  }
  CO_TRY(const auto secret, co_await open_secret(two_factor));
  const auto step = match_totp(secret, plain_code(code), parts_.clock.now());
  if (!step) {
    co_return Error(ErrorKind::validation, "code_invalid", "Invalid code")
        .on_field("code", "must be the six digits that the app shows now");
  }
  auto codes = make_recovery_codes();
  auto hashes = hashes_of(user_id, codes);
  CO_CHECK(co_await parts_.two_factors.confirm(user_id, std::move(two_factor.sealed_secret), *step,
                                               std::move(hashes), parts_.clock.now()));
  CO_CHECK(co_await note(audit_action::kMfaEnabled, std::move(user_id), std::move(device)));
  co_return codes;
}

Task<TwoFactor> TwoFactorService::find_on(std::string user_id) {
  auto found = co_await parts_.two_factors.find(std::move(user_id));
  if (found.has_value() && !found->is_on()) co_return not_on();
  co_return found;
}

// A secret under an older key is sealed anew, so that the key can be taken away once all were used.
Task<std::string> TwoFactorService::open_secret(TwoFactor two_factor) {
  CO_TRY(auto secret, parts_.box.open(two_factor.sealed_secret, kTotpSealPurpose));
  if (!parts_.box.is_current(two_factor.sealed_secret) && two_factor.is_on()) {
    CO_TRY(auto sealed, parts_.box.seal(secret, kTotpSealPurpose, parts_.random));
    // False: somebody was quicker, or it is another secret now. What was opened holds for this call.
    CO_TRY(const bool resealed,
           co_await parts_.two_factors.reseal(std::move(two_factor.user_id),
                                              std::move(two_factor.sealed_secret), std::move(sealed)));
    static_cast<void>(resealed);
  }
  co_return secret;
}

Task<> TwoFactorService::check_factor(TwoFactor two_factor, SecondFactorFields fields, Device device) {
  auto code = plain_code(is_given(fields.code) ? *fields.code : fields.recovery_code.value_or(""));
  if (is_app_code(code)) co_return co_await check_code(std::move(two_factor), std::move(code));
  co_return co_await check_recovery_code(std::move(two_factor.user_id), std::move(code), std::move(device));
}

Task<> TwoFactorService::check_code(TwoFactor two_factor, std::string code) {
  CO_TRY(const auto secret, co_await open_secret(two_factor));
  const auto step = match_totp(secret, code, parts_.clock.now());
  if (!step) co_return code_invalid("wrong");
  auto used = co_await parts_.two_factors.use_step(std::move(two_factor.user_id), *step);
  if (used.has_error() && used.error().kind() == ErrorKind::conflict) co_return code_invalid("used before");
  co_return used;
}

Task<> TwoFactorService::check_recovery_code(std::string user_id, std::string code, Device device) {
  auto hash = recovery_hash(user_id, code);
  auto used = co_await parts_.two_factors.use_recovery_code(user_id, std::move(hash), parts_.clock.now());
  if (used.has_error() && used.error().kind() == ErrorKind::not_found) co_return code_invalid("no such code");
  CO_CHECK(std::move(used));
  co_return co_await note(audit_action::kRecoveryCodeUsed, std::move(user_id), std::move(device));
}

Task<> TwoFactorService::check_owner(std::string_view action, std::string user_id, OwnerProof proof,
                                     Device device) {
  auto proved = co_await prove(user_id, std::move(proof), device);
  if (proved.has_error() && proved.error().kind() == ErrorKind::unauthorized) {
    auto act = act_of_user(action, std::move(user_id));
    act.outcome = AuditOutcome::failure;
    CO_CHECK(co_await parts_.audit.record(std::move(act), std::move(device)));
  }
  co_return proved;
}

Task<> TwoFactorService::prove(std::string user_id, OwnerProof proof, Device device) {
  CO_TRY(auto user, co_await parts_.users.find(user_id));
  const bool by_code = proof.second_factor.given();
  if (!by_code && !proof.password.given()) {
    co_return Error(ErrorKind::validation, "proof_required", "A code or the password is required")
        .on_field("code", "is required, or the password");
  }
  const auto action = by_code ? AuthAction::second_factor : AuthAction::confirm_password;
  const auto account = user.email.text();
  CO_CHECK(co_await parts_.limits.count(action, device, account));
  CO_TRY(auto two_factor, co_await find_on(std::move(user_id)));
  if (by_code) {
    CO_CHECK(co_await check_factor(std::move(two_factor), std::move(proof.second_factor), device));
  } else {
    CO_CHECK(co_await parts_.passwords.check(std::move(user), std::move(proof.password), device));
  }
  co_return co_await parts_.limits.succeeded(action, std::move(device), account);
}

Task<> TwoFactorService::turn_off(std::string user_id, OwnerProof proof, Device device) {
  CO_CHECK(co_await check_owner(audit_action::kMfaDisabled, user_id, std::move(proof), device));
  CO_CHECK(co_await parts_.two_factors.remove(user_id));
  co_return co_await note(audit_action::kMfaDisabled, std::move(user_id), std::move(device));
}

Task<std::vector<std::string>> TwoFactorService::renew_recovery_codes(std::string user_id, OwnerProof proof,
                                                                      Device device) {
  CO_CHECK(co_await check_owner(audit_action::kRecoveryCodesRenewed, user_id, std::move(proof), device));
  auto codes = make_recovery_codes();
  auto hashes = hashes_of(user_id, codes);
  CO_CHECK(co_await parts_.two_factors.replace_recovery_codes(user_id, std::move(hashes)));
  CO_CHECK(co_await note(audit_action::kRecoveryCodesRenewed, std::move(user_id), std::move(device)));
  co_return codes;
}

Task<std::optional<TwoFactorChallenge>> TwoFactorService::challenge(std::string user_id) {
  CO_TRY(const auto now_is, co_await state(user_id));
  if (!now_is.on) co_return std::nullopt;
  std::array<std::byte, kTicketBytes> bytes;
  parts_.random.fill(bytes);
  auto ticket = "mft_" + to_base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  CO_CHECK(co_await parts_.tickets.put(ticket_name(ticket), std::move(user_id), kTicketLifetime));
  TwoFactorChallenge challenge{.ticket = std::move(ticket),
                               .expires_at = parts_.clock.now() + kTicketLifetime};
  co_return challenge;
}

// Returns whose the ticket is. Every try counts, so that of many at once no more than five are looked at.
Task<std::string> TwoFactorService::count_ticket(std::string name, Device device) {
  auto found = co_await parts_.tickets.find(name);
  if (found.has_error()) {
    if (found.error().kind() != ErrorKind::not_found) co_return std::move(found).error();
    CO_CHECK(co_await parts_.limits.count(AuthAction::second_factor, std::move(device)));
    co_return ticket_invalid("unknown");
  }
  auto counted = co_await parts_.throttle.attempt("tries:" + name, kTriesOfATicket);
  if (counted.has_value()) co_return found;
  if (counted.error().kind() != ErrorKind::too_many_requests) co_return std::move(counted).error();
  auto dead = co_await parts_.tickets.take(std::move(name));
  static_cast<void>(dead);
  co_return ticket_invalid("too many wrong codes");
}

Task<User> TwoFactorService::redeem(std::string ticket, SecondFactorFields fields, Device device) {
  if (ticket.empty() || !fields.given()) {
    Error missing(ErrorKind::validation, "fields_required", "Ticket and code are required");
    if (ticket.empty()) missing.on_field("ticket", "is required");
    if (!fields.given()) missing.on_field("code", "is required");
    co_return missing;
  }
  if (ticket.size() > kTicketTextMax) co_return ticket_invalid("too long");
  const auto name = ticket_name(ticket);
  CO_TRY(auto user_id, co_await count_ticket(name, device));
  CO_TRY(auto user, co_await parts_.users.find(user_id));
  CO_CHECK(user.check_active());
  const auto account = user.email.text();
  CO_CHECK(co_await parts_.limits.count(AuthAction::second_factor, device, account));
  auto two_factor = co_await find_on(std::move(user_id));
  if (two_factor.has_error()) {
    if (two_factor.error().kind() != ErrorKind::not_found) co_return std::move(two_factor).error();
    co_return ticket_invalid("the second factor was turned off");
  }
  auto factor = *std::move(two_factor);
  auto checked = co_await check_factor(std::move(factor), std::move(fields), device);
  if (checked.has_error()) {
    if (checked.error().kind() != ErrorKind::unauthorized) co_return std::move(checked).error();
    AuditAct act{.action = audit_action::kMfaChallenge,
                 .user_id = user.id,
                 .actor_kind = AuditActor::nobody,
                 .outcome = AuditOutcome::failure};
    CO_CHECK(co_await parts_.audit.record(std::move(act), std::move(device)));
    co_return std::move(checked).error();
  }
  auto taken = co_await parts_.tickets.take(name);
  if (taken.has_error()) {
    if (taken.error().kind() != ErrorKind::not_found) co_return std::move(taken).error();
    co_return ticket_invalid("used by another call");
  }
  CO_CHECK(co_await parts_.limits.succeeded(AuthAction::second_factor, device, account));
  CO_CHECK(co_await parts_.limits.succeeded(AuthAction::login, std::move(device), account));
  co_return user;
}

}  // namespace relay
