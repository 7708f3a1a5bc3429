// Where sign-ins are kept. Implementations: store/sql, store/redis. Contract: tests/store/.
#pragma once

#include "async/task.h"
#include "domain/email_address.h"
#include "domain/session.h"

#include <optional>
#include <string>
#include <vector>

namespace relay {

/// Which of a session's tokens a refresh token is.
enum class RefreshTokenAge {
  current,   // rotate it
  previous,  // within Session::in_grace a parallel refresh, later a theft
  spent,     // older: used twice, so its family must end
};

struct RefreshMatch {
  Session session;
  RefreshTokenAge age = RefreshTokenAge::current;
};

/// All calls: unavailable when the store is away (never not_found), internal for a broken row.
/// Thread-safe; a call resumes on the io_context it was made from. A write is durable when it returns.
class SessionStore {
 public:
  virtual ~SessionStore() = default;

  /// conflict when the id or the refresh hash is there already; not_found when there is no such user.
  /// For a parallel refresh: a sibling with the family_id of the first.
  virtual Task<> insert(Session session) = 0;

  /// not_found "session_unknown". Revoked and expired ones are found: ask is_live.
  virtual Task<Session> find(std::string session_id) = 0;

  /// By any refresh token it ever had. not_found "session_unknown".
  virtual Task<RefreshMatch> find_by_refresh_hash(std::string refresh_hash) = 0;

  /// Replaces the current token `from_hash` by `to_hash`; `from_hash` becomes the previous one.
  /// conflict "refresh_token_rotated" when `from_hash` is not the current one any more or the session
  /// was revoked: of two callers one wins. not_found.
  virtual Task<> rotate(std::string session_id, std::string from_hash, std::string to_hash, WallTime now,
                        WallTime expires_at) = 0;

  /// Live sessions, newest first, at most 100.
  virtual Task<std::vector<Session>> list_live(std::string user_id, WallTime now) = 0;

  /// Where the account with this e-mail address was signed in from, ended sessions too: at most 100, the
  /// ones used last first. Empty for an unknown account.
  virtual Task<std::vector<std::string>> addresses_of(EmailAddress email) = 0;

  /// not_found when `user_id` has no such session. Passes when it is revoked already.
  virtual Task<> revoke(std::string user_id, std::string session_id, WallTime now) = 0;

  /// Every session that came from one sign-in. Returns the ids that were live, for the caches.
  virtual Task<std::vector<std::string>> revoke_family(std::string family_id, WallTime now) = 0;

  /// Every session of the user but `except_session_id` (empty: every one). Returns the ids that were live.
  virtual Task<std::vector<std::string>> revoke_all(std::string user_id, std::string except_session_id,
                                                    WallTime now) = 0;

  /// Deletes at most `limit` sessions that ended before `before`. Returns how many.
  virtual Task<std::int64_t> delete_ended(WallTime before, int limit) = 0;
};

}  // namespace relay
