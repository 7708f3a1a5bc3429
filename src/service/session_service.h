// Signed-in sessions: access tokens for a quarter of an hour, refresh tokens that rotate.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "coordination/expiring_map.h"
#include "coordination/invalidation.h"
#include "coordination/throttle.h"
#include "crypto/jwt.h"
#include "service/audit_service.h"
#include "service/device.h"
#include "service/notification_service.h"
#include "store/session_store.h"
#include "store/user_store.h"

#include <mutex>
#include <string>
#include <vector>

namespace relay {

/// What a client gets at sign-in and refresh. Both are secrets.
struct IssuedTokens {
  std::string access_token;
  std::string refresh_token;
  WallTime expires_at;  // of the access token
};

/// Who speaks with a valid access token.
struct SignedIn {
  std::string user_id;
  std::string session_id;
  UserRole role = UserRole::user;
};

/// Thread-safe.
class SessionService final : public Invalidation::Listener {
 public:
  struct Parts {  // all must outlive the service
    UserStore& users;
    SessionStore& sessions;
    Invalidation& invalidation;
    Throttle& throttle;
    NotificationService& notifications;
    AuditService& audit;
    const AccessTokenSigner& signer;
    const Clock& clock;
    Random& random;
  };

  /// Subscribes to the invalidation: make it at start-up.
  explicit SessionService(Parts parts);

  /// A new sign-in; the user is told of it when the device is new. The caller has checked the password and
  /// the user's status.
  Task<IssuedTokens> open(User user, Device device);

  /// Rotates. unauthorized "refresh_token_invalid" for an unknown, ended or expired token; the same with code
  /// "refresh_token_reused" for one that was used before, whose whole family then ends, but for the 10
  /// seconds in which a few parallel refreshes each get a pair of their own. forbidden "account_inactive".
  Task<IssuedTokens> refresh(std::string refresh_token, Device device);

  /// token_expired, token_invalid (also for an ended session), forbidden "account_inactive". What the store
  /// said is kept for at most 10 seconds; a session that ended on this node is refused at once, one that
  /// ended on another as soon as this one hears of it, which is within a second.
  Task<SignedIn> authenticate(std::string access_token);

  /// Live sessions, newest first.
  Task<std::vector<Session>> list(std::string user_id);

  /// not_found for a session of somebody else. In force on this node when it returns.
  Task<> end(std::string user_id, std::string session_id);

  /// Every session but `except_session_id` (empty: every one).
  Task<> end_all(std::string user_id, std::string except_session_id);

  /// As end() and end_all(), by the person, and in the audit trail: leaving, from here or from everywhere,
  /// and signing another session out.
  Task<> sign_out(Actor owner, std::string session_id);
  Task<> sign_out_everywhere(Actor owner);
  Task<> remove(Actor owner, std::string session_id);

  void user_changed(const std::string& user_id) override;
  void session_ended(const std::string& session_id) override;
  void anything_changed() override;

 private:
  struct Known {
    std::string user_id;
    UserRole role = UserRole::user;
    WallTime ends_at;
  };

  Task<IssuedTokens> open_in_family(User user, Device device, std::string family_id);
  Task<IssuedTokens> refresh_in_grace(RefreshMatch match, User user, Device device);
  Task<IssuedTokens> end_stolen_family(Session session, Device device);
  Task<Known> look_up(std::string session_id, std::string user_id);
  Result<IssuedTokens> issue(const User& user, const std::string& session_id, std::string refresh_token,
                             WallTime now) const;
  std::string make_refresh_token();
  void forget_all();
  void tell_ended(const std::vector<std::string>& session_ids);

  Parts parts_;
  std::mutex mutex_;
  ExpiringMap<Known> known_{100'000};
  // Counts what made known_ forget: a look-up that began before must not put back what it read then.
  std::uint64_t forgettings_ = 0;
};

}  // namespace relay
