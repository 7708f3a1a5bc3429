#include "service/oauth_service.h"

#include "crypto/sha256.h"
#include "domain/identifier.h"
#include "text/base64.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace relay {
namespace {

using namespace std::chrono_literals;

constexpr auto kJourneyLifetime = 10min;
constexpr auto kCodeLifetime = 1min;
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kRedirectBytesMax = 1024;
constexpr std::size_t kChallengeLetters = 43;  // base64url of 32 bytes
constexpr std::size_t kCodeBytesMax = 4096;
constexpr const char* kCookiePrefix = "relay_oauth_";

Error state_invalid(const char* cause) {
  return Error(ErrorKind::security, "state_invalid",
               "Invalid or expired request. Please start the sign-in again.")
      .because(cause);
}

Error sign_in_expired(const char* cause) {
  return Error(ErrorKind::unauthorized, "code_invalid",
               "The code is invalid or expired. Please sign in again.")
      .because(cause);
}

std::string s256(const std::string& text) {
  const auto digest = sha256(text);
  return to_base64url({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

// One cookie for each journey: two tabs do not disturb each other.
std::string cookie_name_of(const std::string& state) {
  return kCookiePrefix + sha256_hex(state).substr(0, 12);
}

// The value of a cookie (RFC 6265 4.2.1), also under the name that only https can set; empty: none.
std::string cookie_value(std::string_view cookies, const std::string& name) {
  while (!cookies.empty()) {
    const auto end = cookies.find(';');
    auto pair = cookies.substr(0, end);
    cookies.remove_prefix(end == std::string_view::npos ? cookies.size() : end + 1);
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name)
      return std::string(pair.substr(equals + 1));
  }
  return {};
}

boost::json::object parse_ticket(const std::string& text) {
  boost::system::error_code failure;
  auto value = boost::json::parse(text, failure);
  return !failure && value.is_object() ? std::move(value.get_object()) : boost::json::object();
}

std::string member(const boost::json::object& ticket, const char* name) {
  const auto* value = ticket.if_contains(name);
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

// "https://host:port" of an address without tricks; empty for anything else.
std::string origin_of(std::string_view url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return {};
  const auto scheme = url.substr(0, scheme_end);
  if (scheme != "https" && scheme != "http") return {};
  const auto host_end = url.find_first_of("/?#\\", scheme_end + 3);
  const auto origin = url.substr(0, host_end);
  return origin.find('@') == std::string_view::npos ? std::string(origin) : std::string();
}

}  // namespace

/// What is kept between departure and return.
struct OAuthService::Journey {
  std::string provider;
  std::string cookie_hash;
  std::string verifier;
  std::string nonce;
  std::string redirect;
  std::string challenge;

  std::string to_ticket() const {
    return boost::json::serialize(boost::json::object{{"provider", provider},
                                                      {"cookie", cookie_hash},
                                                      {"verifier", verifier},
                                                      {"nonce", nonce},
                                                      {"redirect", redirect},
                                                      {"challenge", challenge}});
  }
  static Journey from_ticket(const std::string& text) {
    const auto ticket = parse_ticket(text);
    return {.provider = member(ticket, "provider"),
            .cookie_hash = member(ticket, "cookie"),
            .verifier = member(ticket, "verifier"),
            .nonce = member(ticket, "nonce"),
            .redirect = member(ticket, "redirect"),
            .challenge = member(ticket, "challenge")};
  }
};

std::string OAuthService::make_secret(std::size_t bytes) {
  std::string raw(bytes, '\0');
  parts_.random.fill(std::as_writable_bytes(std::span(raw)));
  return to_base64url(raw);
}

Result<OAuthProvider*> OAuthService::find_provider(const std::string& id) const {
  const auto found = std::ranges::find(parts_.providers, id, [](const auto* each) { return each->id(); });
  if (found != parts_.providers.end()) return *found;
  return Error(ErrorKind::not_found, "provider_unknown", "There is no such sign-in provider");
}

std::string OAuthService::redirect_uri_of(const std::string& provider) const {
  return settings_.public_url + "/api/client/auth/oauth/" + provider + "/callback";
}

Result<> OAuthService::check_wishes(const OAuthWishes& wishes) const {
  Error wrong(ErrorKind::validation, "invalid_request", "The request is not valid");
  if (!wishes.redirect.empty()) {
    const auto origin = origin_of(wishes.redirect);
    const bool is_ours =
        origin == origin_of(settings_.public_url) ||
        std::ranges::find(settings_.allowed_origins, origin) != settings_.allowed_origins.end();
    const bool is_clean =
        wishes.redirect.size() <= kRedirectBytesMax &&
        std::ranges::all_of(wishes.redirect, [](unsigned char c) { return c > 0x20 && c < 0x7F; }) &&
        wishes.redirect.find_first_of("#\\") == std::string::npos;
    if (origin.empty() || !is_ours || !is_clean) {
      wrong.on_field("redirect", "must be an address on an origin of ALLOWED_ORIGINS or PUBLIC_URL");
    }
    // Without it a code that an attacker got could be slipped into somebody else's page.
    if (wishes.challenge.empty()) wrong.on_field("challenge", "is required with redirect");
  }
  if (!wishes.challenge.empty() &&
      (wishes.challenge.size() != kChallengeLetters || !parse_base64url(wishes.challenge))) {
    wrong.on_field("challenge", "must be the base64url of a SHA-256");
  }
  if (wrong.fields().empty()) return ok;
  return wrong;
}

Task<OAuthDeparture> OAuthService::depart(std::string provider_id, OAuthWishes wishes, Device device) {
  CO_TRY(auto* provider, find_provider(provider_id));
  CO_CHECK(check_wishes(wishes));
  CO_CHECK(co_await parts_.limits.count(AuthAction::oauth, std::move(device)));
  const auto state = make_secret(kSecretBytes);
  auto cookie = make_secret(kSecretBytes);
  const Journey journey{.provider = provider_id,
                        .cookie_hash = sha256_hex(cookie),
                        .verifier = make_secret(kSecretBytes),
                        .nonce = make_secret(kSecretBytes),
                        .redirect = std::move(wishes.redirect),
                        .challenge = std::move(wishes.challenge)};
  AuthorizeRequest request{.redirect_uri = redirect_uri_of(provider_id),
                           .state = state,
                           .nonce = journey.nonce,
                           .code_challenge = s256(journey.verifier)};
  CO_TRY(auto url, co_await provider->authorize_url(std::move(request)));
  CO_CHECK(
      co_await parts_.tickets.put("oauth-state:" + sha256_hex(state), journey.to_ticket(), kJourneyLifetime));
  co_return OAuthDeparture{
      .url = std::move(url), .cookie_name = cookie_name_of(state), .cookie_value = std::move(cookie)};
}

// The cookie is looked at before the state is used up: a stranger's call must not end the owner's journey.
Task<OAuthService::Journey> OAuthService::take_journey(std::string provider, const OAuthReturn& back) {
  if (back.state.empty() || back.state.size() > kCodeBytesMax) co_return state_invalid("no state");
  const auto name = "oauth-state:" + sha256_hex(back.state);
  const auto cookie = cookie_name_of(back.state);
  auto value = cookie_value(back.cookies, "__Host-" + cookie);
  if (value.empty() && !is_https()) value = cookie_value(back.cookies, cookie);
  auto found = co_await parts_.tickets.find(name);
  if (found.has_error()) {
    if (found.error().kind() != ErrorKind::not_found) co_return std::move(found).error();
    co_return state_invalid("unknown, used or too old");
  }
  auto journey = Journey::from_ticket(*found);
  if (journey.provider != provider) co_return state_invalid("of another provider");
  if (!equal_in_constant_time(sha256_hex(value), journey.cookie_hash)) {
    co_return state_invalid("of another browser");
  }
  auto taken = co_await parts_.tickets.take(name);
  if (taken.has_error()) {
    if (taken.error().kind() != ErrorKind::not_found) co_return std::move(taken).error();
    co_return state_invalid("used by another call");
  }
  co_return journey;
}

Task<OAuthArrival> OAuthService::arrive(std::string provider_id, OAuthReturn back, Device device) {
  CO_TRY(auto* provider, find_provider(provider_id));
  CO_CHECK(co_await parts_.limits.count(AuthAction::oauth, device));
  CO_TRY(auto journey, co_await take_journey(std::move(provider_id), back));
  OAuthArrival arrival;
  arrival.redirect = journey.redirect;
  arrival.cookie_name = cookie_name_of(back.state);
  auto done = co_await finish(*provider, std::move(journey), std::move(back), device, arrival);
  if (done.has_value()) co_return arrival;
  AuditAct act{
      .action = audit_action::kLogin, .actor_kind = AuditActor::nobody, .outcome = AuditOutcome::failure};
  act.details.emplace_back("by", provider->id());
  act.details.emplace_back("reason", done.error().code());
  CO_CHECK(co_await parts_.audit.record(std::move(act), std::move(device)));
  arrival.error = std::move(done).error();
  co_return arrival;
}

// `arrival` is the caller's, who awaits this.
Task<> OAuthService::finish(OAuthProvider& provider, Journey journey, OAuthReturn back, Device device,
                            OAuthArrival& arrival) {
  auto challenge = journey.challenge;
  std::string by = provider.id();
  CO_TRY(auto user, co_await who_came(provider, std::move(journey), std::move(back), device));
  if (challenge.empty()) {
    CO_TRY(arrival.outcome, co_await parts_.auth.sign_in(std::move(user), std::move(by), std::move(device)));
  } else {
    CO_TRY(arrival.code, co_await make_code(std::move(user.id), std::move(by), std::move(challenge)));
  }
  co_return ok;
}

Task<User> OAuthService::who_came(OAuthProvider& provider, Journey journey, OAuthReturn back, Device device) {
  if (!back.error.empty()) {
    if (back.error == "access_denied") {
      co_return Error(ErrorKind::unauthorized, "oauth_denied", "The sign-in was cancelled");
    }
    co_return oauth_failed("the provider says " + back.error.substr(0, 100));
  }
  if (back.code.empty() || back.code.size() > kCodeBytesMax) co_return oauth_failed("no code");
  CodeGrant grant{.code = std::move(back.code),
                  .redirect_uri = redirect_uri_of(journey.provider),
                  .code_verifier = std::move(journey.verifier),
                  .nonce = std::move(journey.nonce),
                  .issuer = std::move(back.issuer)};
  CO_TRY(auto identity, co_await provider.identify(std::move(grant)));
  CO_TRY(auto user, co_await user_of(std::move(identity), std::move(journey.provider), std::move(device)));
  CO_CHECK(user.check_active());
  co_return user;
}

Task<std::string> OAuthService::make_code(std::string user_id, std::string provider, std::string challenge) {
  auto code = "oac_" + make_secret(kSecretBytes);
  auto ticket = boost::json::serialize(boost::json::object{
      {"user", std::move(user_id)}, {"provider", std::move(provider)}, {"challenge", std::move(challenge)}});
  CO_CHECK(co_await parts_.tickets.put("oauth-code:" + sha256_hex(code), std::move(ticket), kCodeLifetime));
  co_return code;
}

Task<SignInOutcome> OAuthService::exchange(std::string code, std::string verifier, Device device) {
  if (code.empty()) {
    co_return Error(ErrorKind::validation, "code_required", "Code is required")
        .on_field("code", "is required");
  }
  CO_CHECK(co_await parts_.limits.count(AuthAction::oauth, device));
  if (code.size() > kCodeBytesMax || verifier.size() > kCodeBytesMax) co_return sign_in_expired("too long");
  auto taken = co_await parts_.tickets.take("oauth-code:" + sha256_hex(code));
  if (taken.has_error()) {
    if (taken.error().kind() != ErrorKind::not_found) co_return std::move(taken).error();
    co_return sign_in_expired("unknown, used or too old");
  }
  const auto ticket = parse_ticket(*taken);
  const auto challenge = member(ticket, "challenge");
  if (!equal_in_constant_time(s256(verifier), challenge)) {
    co_return sign_in_expired("not the page that began");
  }
  auto user_id = member(ticket, "user");
  auto by = member(ticket, "provider");
  CO_TRY(auto user, co_await parts_.users.find(std::move(user_id)));
  CO_CHECK(user.check_active());
  co_return co_await parts_.auth.sign_in(std::move(user), std::move(by), std::move(device));
}

}  // namespace relay
