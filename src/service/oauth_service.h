// Signing in with an account at another site, and the links between such accounts and ours.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "coordination/invalidation.h"
#include "coordination/ticket_store.h"
#include "oauth/oauth_provider.h"
#include "service/audit_service.h"
#include "service/auth_limits.h"
#include "service/auth_service.h"
#include "service/ways_in.h"
#include "store/api_key_store.h"
#include "store/identity_store.h"
#include "store/user_store.h"

#include <optional>
#include <string>
#include <vector>

namespace relay {

/// Where to send the browser, and what to leave with it: the state in the address works only together with
/// this cookie, so that nobody can end a sign-in in somebody else's browser.
struct OAuthDeparture {
  std::string url;
  std::string cookie_name;
  std::string cookie_value;  // a secret
};

/// What a page asks for when it sends somebody off.
struct OAuthWishes {
  std::string redirect{};  // where to come back to, on an allowed origin; empty: the callback answers JSON
  // S256 of a secret that the page keeps: the callback gives a code that only it can exchange. Empty: the
  // callback signs in itself.
  std::string challenge{};
};

/// The callback's query and cookies.
struct OAuthReturn {
  std::string code{};
  std::string state{};
  std::string error{};
  std::optional<std::string> issuer{};
  std::string cookies{};  // the Cookie header
};

/// How a callback ended, for whoever started it.
struct OAuthArrival {
  std::string redirect{};  // of the wishes
  std::string cookie_name{};
  std::string code{};  // a secret: good for one exchange within a minute. Only with a challenge
  std::optional<SignInOutcome> outcome{};  // only without
  std::optional<Error> error{};
};

/// Tokens never stand in an address: where the callback sends a browser on to a page, it gives it a code of
/// one use, which the page exchanges by POST. An account is linked by an e-mail address that the provider has
/// verified, else a new one is made; an account here whose own address was never verified is taken over, not
/// joined: what whoever made it could still hold (password, sessions, keys, second factor, links) ends.
/// Thread-safe. All calls: unavailable; too_many_requests.
class OAuthService {
 public:
  struct Parts {  // all must outlive the service
    std::vector<OAuthProvider*> providers;
    UserStore& users;
    IdentityStore& identities;
    ApiKeyStore& keys;
    WaysIn& ways_in;
    Invalidation& invalidation;
    AuthService& auth;
    AuthLimits& limits;
    TicketStore& tickets;
    AuditService& audit;
    const Clock& clock;
    Random& random;
  };
  struct Settings {
    std::string public_url;                    // how browsers reach us; no slash at its end
    std::vector<std::string> allowed_origins;  // where pages of ours may be, beside it
  };

  OAuthService(Parts parts, Settings settings) : parts_(std::move(parts)), settings_(std::move(settings)) {}

  /// At start-up, once the port is known.
  void serve_at(std::string public_url) { settings_.public_url = std::move(public_url); }

  const std::vector<OAuthProvider*>& providers() const { return parts_.providers; }
  bool is_https() const { return settings_.public_url.starts_with("https://"); }

  /// not_found "provider_unknown"; validation on `redirect` and `challenge`.
  Task<OAuthDeparture> depart(std::string provider, OAuthWishes wishes, Device device);

  /// security "state_invalid" for a state that is unknown, used, too old, of another provider or of another
  /// browser; everything that fails behind that is in the arrival.
  Task<OAuthArrival> arrive(std::string provider, OAuthReturn back, Device device);

  /// unauthorized "code_invalid" for a code that is unknown, used, older than a minute or not this page's;
  /// forbidden "account_inactive".
  Task<SignInOutcome> exchange(std::string code, std::string verifier, Device device);

  Task<std::vector<Identity>> list(std::string user_id);

  /// not_found "identity_unknown"; conflict "last_way_in" when the account has no password and no other link.
  Task<> unlink(Actor owner, std::string identity_id);

 private:
  struct Journey;

  Result<OAuthProvider*> find_provider(const std::string& id) const;
  Result<> check_wishes(const OAuthWishes& wishes) const;
  std::string redirect_uri_of(const std::string& provider) const;
  Task<Journey> take_journey(std::string provider, const OAuthReturn& back);
  Task<> finish(OAuthProvider& provider, Journey journey, OAuthReturn back, Device device,
                OAuthArrival& arrival);
  Task<User> who_came(OAuthProvider& provider, Journey journey, OAuthReturn back, Device device);
  Task<std::string> make_code(std::string user_id, std::string provider, std::string challenge);
  Task<User> user_of(ForeignIdentity identity, std::string provider, Device device);
  Task<User> find_or_make(ForeignIdentity identity, EmailAddress email, std::string provider, Device device);
  Task<User> take_over(User user);
  Task<> revoke_keys(std::string user_id);
  Task<User> make_user(ForeignIdentity identity, EmailAddress email);
  std::string make_secret(std::size_t bytes);

  Parts parts_;
  Settings settings_;
};

}  // namespace relay
