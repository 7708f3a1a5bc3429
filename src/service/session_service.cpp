#include "service/session_service.h"

#include "crypto/sha256.h"
#include "domain/identifier.h"
#include "text/base64.h"

#include <algorithm>
#include <array>

namespace relay {
namespace {

using namespace std::chrono_literals;

constexpr auto kAccessLifetime = 15min;
constexpr auto kRefreshLifetime = 24h * 30;
constexpr auto kKnownAtMost = 10s;
constexpr std::size_t kRefreshBytes = 32;
constexpr std::size_t kRefreshTextMax = 200;
constexpr std::size_t kUserAgentBytesMax = 512;
// How many siblings one rotated token may make within its grace: some browser tabs, not a flood.
constexpr ThrottleRule kSiblings{.attempts = 3, .window = kRefreshGrace};

Error refresh_refused(std::string_view code) {
  return Error(ErrorKind::unauthorized, code, "Refresh token expired or invalid");
}

Error session_over(const char* cause) {
  return Error(ErrorKind::token_invalid, "session_ended", "Invalid token").because(cause);
}

}  // namespace

SessionService::SessionService(Parts parts) : parts_(parts) { parts_.invalidation.subscribe(*this); }

std::string SessionService::make_refresh_token() {
  std::array<std::byte, kRefreshBytes> bytes;
  parts_.random.fill(bytes);
  return "crt_" + to_base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Result<IssuedTokens> SessionService::issue(const User& user, const std::string& session_id,
                                           std::string refresh_token, WallTime now) const {
  const AccessClaims claims{.user_id = user.id,
                            .session_id = session_id,
                            .role = std::string(to_string(user.role)),
                            .issued_at = now,
                            .expires_at = now + kAccessLifetime};
  TRY(auto access_token, parts_.signer.sign(claims));
  return IssuedTokens{.access_token = std::move(access_token),
                      .refresh_token = std::move(refresh_token),
                      .expires_at = claims.expires_at};
}

Task<IssuedTokens> SessionService::open(User user, Device device) {
  auto opened = co_await open_in_family(user, device, "");
  if (opened.has_value())
    static_cast<void>(co_await parts_.notifications.note_sign_in(std::move(user), std::move(device)));
  co_return opened;
}

Task<IssuedTokens> SessionService::open_in_family(User user, Device device, std::string family_id) {
  const auto now = parts_.clock.now();
  auto refresh_token = make_refresh_token();
  auto session_id = make_identifier("ses_", now, parts_.random);
  Session session{.id = session_id,
                  .family_id = family_id.empty() ? session_id : std::move(family_id),
                  .user_id = user.id,
                  .refresh_hash = sha256_hex(refresh_token),
                  .previous_refresh_hash = "",
                  .rotated_at = std::nullopt,
                  .created_at = now,
                  .expires_at = now + kRefreshLifetime,
                  .last_used_at = now,
                  .revoked_at = std::nullopt,
                  .user_agent = device.user_agent.substr(0, kUserAgentBytesMax),
                  .address = std::move(device.address)};
  CO_CHECK(co_await parts_.sessions.insert(std::move(session)));
  co_return issue(user, session_id, std::move(refresh_token), now);
}

Task<IssuedTokens> SessionService::refresh(std::string refresh_token, Device device) {
  if (refresh_token.size() > kRefreshTextMax) co_return refresh_refused("refresh_token_invalid");
  const auto now = parts_.clock.now();
  const auto hash = sha256_hex(refresh_token);
  // Twice: a caller that loses the race to rotate looks again and finds its token the previous one.
  for (int round = 0; round < 2; ++round) {
    auto found = co_await parts_.sessions.find_by_refresh_hash(hash);
    if (found.has_error()) {
      if (found.error().kind() == ErrorKind::not_found) co_return refresh_refused("refresh_token_invalid");
      co_return std::move(found).error();
    }
    auto match = *std::move(found);
    if (!match.session.is_live(now)) co_return refresh_refused("refresh_token_invalid");
    CO_TRY(auto user, co_await parts_.users.find(match.session.user_id));
    CO_CHECK(user.check_active());

    if (match.age == RefreshTokenAge::current) {
      auto next_token = make_refresh_token();
      auto rotated = co_await parts_.sessions.rotate(match.session.id, hash, sha256_hex(next_token), now,
                                                     now + kRefreshLifetime);
      if (rotated.has_value()) co_return issue(user, match.session.id, std::move(next_token), now);
      if (rotated.error().kind() != ErrorKind::conflict) co_return std::move(rotated).error();
      continue;
    }
    if (match.age == RefreshTokenAge::previous && match.session.in_grace(hash, now)) {
      co_return co_await refresh_in_grace(std::move(match), std::move(user), std::move(device));
    }
    co_return co_await end_stolen_family(std::move(match.session), std::move(device));
  }
  co_return refresh_refused("refresh_token_invalid");
}

Task<IssuedTokens> SessionService::refresh_in_grace(RefreshMatch match, User user, Device device) {
  auto counted =
      co_await parts_.throttle.attempt("siblings:" + match.session.previous_refresh_hash, kSiblings);
  if (counted.has_error()) {
    if (counted.error().kind() != ErrorKind::too_many_requests) co_return std::move(counted).error();
    co_return refresh_refused("refresh_token_invalid");  // too many, but no theft: the family lives
  }
  co_return co_await open_in_family(std::move(user), std::move(device), std::move(match.session.family_id));
}

Task<IssuedTokens> SessionService::end_stolen_family(Session session, Device device) {
  CO_TRY(auto ended, co_await parts_.sessions.revoke_family(session.family_id, parts_.clock.now()));
  tell_ended(ended);
  AuditAct act{.action = audit_action::kRefreshReused,
               .user_id = std::move(session.user_id),
               .actor_kind = AuditActor::nobody,
               .outcome = AuditOutcome::failure,
               .target = std::move(session.id)};
  CO_CHECK(co_await parts_.audit.record(std::move(act), std::move(device)));
  co_return refresh_refused("refresh_token_reused");
}

Task<SessionService::Known> SessionService::look_up(std::string session_id, std::string user_id) {
  const auto now = parts_.clock.now();
  std::uint64_t forgettings_before = 0;
  {
    const std::lock_guard lock(mutex_);
    forgettings_before = forgettings_;
  }
  auto found = co_await parts_.sessions.find(session_id);
  if (found.has_error()) {
    if (found.error().kind() == ErrorKind::not_found) co_return session_over("no such session");
    co_return std::move(found).error();
  }
  if (found->user_id != user_id || !found->is_live(now)) co_return session_over("ended or of another user");
  CO_TRY(auto user, co_await parts_.users.find(user_id));
  CO_CHECK(user.check_active());

  Known known{.user_id = std::move(user_id), .role = user.role, .ends_at = found->expires_at};
  const std::lock_guard lock(mutex_);
  if (forgettings_ == forgettings_before) {
    known_.put(session_id, known, now, std::min<WallTime>(now + kKnownAtMost, known.ends_at));
  }
  co_return known;
}

Task<SignedIn> SessionService::authenticate(std::string access_token) {
  const auto now = parts_.clock.now();
  CO_TRY(auto claims, parts_.signer.verify(access_token, now));
  {
    const std::lock_guard lock(mutex_);
    const auto* known = known_.find(claims.session_id, now);
    if (known != nullptr && known->user_id == claims.user_id) {
      co_return SignedIn{.user_id = claims.user_id, .session_id = claims.session_id, .role = known->role};
    }
  }
  CO_TRY(auto known, co_await look_up(claims.session_id, claims.user_id));
  co_return SignedIn{.user_id = claims.user_id, .session_id = claims.session_id, .role = known.role};
}

Task<std::vector<Session>> SessionService::list(std::string user_id) {
  return parts_.sessions.list_live(std::move(user_id), parts_.clock.now());
}

Task<> SessionService::end(std::string user_id, std::string session_id) {
  CO_CHECK(co_await parts_.sessions.revoke(std::move(user_id), session_id, parts_.clock.now()));
  parts_.invalidation.session_ended(session_id);
  co_return ok;
}

Task<> SessionService::end_all(std::string user_id, std::string except_session_id) {
  CO_TRY(auto ended, co_await parts_.sessions.revoke_all(std::move(user_id), std::move(except_session_id),
                                                         parts_.clock.now()));
  tell_ended(ended);
  co_return ok;
}

Task<> SessionService::sign_out(Actor owner, std::string session_id) {
  CO_CHECK(co_await end(owner.user_id, session_id));
  auto act = act_of_user(audit_action::kLogout, std::move(owner.user_id), std::move(session_id));
  co_return co_await parts_.audit.record(std::move(act), std::move(owner.device));
}

Task<> SessionService::sign_out_everywhere(Actor owner) {
  CO_CHECK(co_await end_all(owner.user_id, ""));
  auto act = act_of_user(audit_action::kLogout, std::move(owner.user_id));
  act.details.emplace_back("all", "true");
  co_return co_await parts_.audit.record(std::move(act), std::move(owner.device));
}

Task<> SessionService::remove(Actor owner, std::string session_id) {
  CO_CHECK(co_await end(owner.user_id, session_id));
  auto act = act_of_user(audit_action::kSessionRemoved, std::move(owner.user_id), std::move(session_id));
  co_return co_await parts_.audit.record(std::move(act), std::move(owner.device));
}

void SessionService::tell_ended(const std::vector<std::string>& session_ids) {
  for (const auto& id : session_ids) parts_.invalidation.session_ended(id);
}

// Rare, and the next look-up is one read: forgetting everybody is simpler than knowing whose is whose.
void SessionService::user_changed(const std::string&) { forget_all(); }

void SessionService::anything_changed() { forget_all(); }

void SessionService::forget_all() {
  const std::lock_guard lock(mutex_);
  known_.clear();
  ++forgettings_;
}

void SessionService::session_ended(const std::string& session_id) {
  const std::lock_guard lock(mutex_);
  known_.erase(session_id);
  ++forgettings_;
}

}  // namespace relay
