#include "store/sql/sql_session_store.h"

#include "store/sql/dialect.h"
#include "store/sql/sql_database.h"
#include "store/sql/sql_statement.h"

#include <soci/error.h>

namespace relay {
namespace {

constexpr int kListMax = 100;
constexpr std::size_t kUserAgentMax = 512;

// Columns and define() keep one order.
constexpr const char* kSessionColumns =
    "s.id, s.family_id, s.user_id, s.refresh_hash, s.previous_refresh_hash, s.rotated_at_ms, s.created_at_ms,"
    " s.expires_at_ms, s.last_used_at_ms, s.revoked_at_ms, s.user_agent, s.address";

struct SessionRow {
  Session session;
  std::optional<std::string> previous_refresh_hash;
};

void define(SqlStatement& select, SessionRow& row) {
  auto& session = row.session;
  select.into(session.id).into(session.family_id).into(session.user_id).into(session.refresh_hash);
  select.into(row.previous_refresh_hash)
      .into(session.rotated_at)
      .into(session.created_at)
      .into(session.expires_at);
  select.into(session.last_used_at).into(session.revoked_at).into(session.user_agent).into(session.address);
}

Session to_session(const SessionRow& row) {
  Session session = row.session;
  session.previous_refresh_hash = row.previous_refresh_hash.value_or("");
  return session;
}

Error session_unknown() { return Error(ErrorKind::not_found, "session_unknown", "Session not found"); }

std::optional<Session> select_session(soci::session& sql, const std::string& from, const std::string& value) {
  SessionRow row;
  SqlStatement select(sql);
  define(select, row);
  select.use(value).select(std::string("SELECT ") + kSessionColumns + " FROM " + from);
  if (!select.fetch()) return std::nullopt;
  return to_session(row);
}

// The ids first: caches must forget exactly those that end here.
std::vector<std::string> end_sessions(soci::session& sql, const Dialect& dialect, const std::string& column,
                                      const std::string& value, const std::string& except, WallTime now) {
  std::vector<std::string> open;
  std::vector<std::string> ended;  // of those the ones that had not expired
  {
    std::string id;
    WallTime expires_at;
    SqlStatement select(sql);
    select.into(id).into(expires_at).use(value).use(except);
    select.select("SELECT id, expires_at_ms FROM sessions WHERE " + column +
                  " = :value AND id <> :except AND revoked_at_ms IS NULL ORDER BY id" + dialect.for_update());
    while (select.fetch()) {
      open.push_back(id);
      if (expires_at > now) ended.push_back(id);
    }
  }
  for (const auto& id : open) {
    SqlStatement(sql).use(now).use(id).run("UPDATE sessions SET revoked_at_ms = :now WHERE id = :id");
  }
  return ended;
}

}  // namespace

Task<> SqlSessionStore::insert(Session session) {
  return database_.write([session = std::move(session)](soci::session& sql) -> Result<> {
    const auto previous =
        session.previous_refresh_hash.empty() ? std::nullopt : std::optional(session.previous_refresh_hash);
    SqlStatement insert(sql);
    insert.use(session.id)
        .use(session.family_id)
        .use(session.user_id)
        .use(session.refresh_hash)
        .use(previous);
    insert.use(session.rotated_at).use(session.created_at).use(session.expires_at).use(session.last_used_at);
    insert.use(session.revoked_at).use(session.user_agent.substr(0, kUserAgentMax)).use(session.address);
    try {
      insert.run(
          "INSERT INTO sessions (id, family_id, user_id, refresh_hash, previous_refresh_hash, rotated_at_ms,"
          " created_at_ms, expires_at_ms, last_used_at_ms, revoked_at_ms, user_agent, address)"
          " VALUES (:id, :family, :user, :hash, :previous, :rotated, :created, :expires, :used, :revoked, "
          ":agent,"
          " :address)");
    } catch (const soci::soci_error& error) {
      const auto violation = violation_of(error);
      if (!violation || violation->kind != ViolationKind::foreign_key) throw;
      return Error(ErrorKind::not_found, "user_unknown", "User not found");
    }
    return {};
  });
}

Task<Session> SqlSessionStore::find(std::string session_id) {
  return database_.read([session_id = std::move(session_id)](soci::session& sql) -> Result<Session> {
    auto session = select_session(sql, "sessions s WHERE s.id = :id", session_id);
    if (!session) return session_unknown();
    return std::move(*session);
  });
}

Task<RefreshMatch> SqlSessionStore::find_by_refresh_hash(std::string refresh_hash) {
  // On the writer: two reads without a transaction could pass a rotation between them, and miss the token.
  return database_.write([hash = std::move(refresh_hash)](soci::session& sql) -> Result<RefreshMatch> {
    if (auto session = select_session(sql, "sessions s WHERE s.refresh_hash = :hash", hash)) {
      return RefreshMatch{.session = std::move(*session), .age = RefreshTokenAge::current};
    }
    auto session = select_session(
        sql, "sessions s JOIN session_spent_tokens t ON t.session_id = s.id WHERE t.refresh_hash = :hash",
        hash);
    if (!session) return session_unknown();
    const auto age =
        session->previous_refresh_hash == hash ? RefreshTokenAge::previous : RefreshTokenAge::spent;
    return RefreshMatch{.session = std::move(*session), .age = age};
  });
}

Task<> SqlSessionStore::rotate(std::string session_id, std::string from_hash, std::string to_hash,
                               WallTime now, WallTime expires_at) {
  return database_.write([session_id = std::move(session_id), from_hash = std::move(from_hash),
                          to_hash = std::move(to_hash), now, expires_at](soci::session& sql) -> Result<> {
    SqlStatement update(sql);
    update.use(to_hash).use(from_hash).use(now).use(now).use(expires_at).use(session_id).use(from_hash);
    const auto changed = update.run(
        "UPDATE sessions SET refresh_hash = :to, previous_refresh_hash = :previous, rotated_at_ms = :rotated,"
        " last_used_at_ms = :used, expires_at_ms = :expires"
        " WHERE id = :id AND refresh_hash = :from AND revoked_at_ms IS NULL");
    if (changed == 0) {
      if (!select_session(sql, "sessions s WHERE s.id = :id", session_id)) return session_unknown();
      return Error(ErrorKind::conflict, "refresh_token_rotated", "The refresh token was used already");
    }
    SqlStatement(sql)
        .use(from_hash)
        .use(session_id)
        .use(now)
        .run(
            "INSERT INTO session_spent_tokens (refresh_hash, session_id, spent_at_ms) VALUES (:hash, "
            ":session, :now)");
    return {};
  });
}

Task<std::vector<Session>> SqlSessionStore::list_live(std::string user_id, WallTime now) {
  return database_.read(
      [user_id = std::move(user_id), now](soci::session& sql) -> Result<std::vector<Session>> {
        SessionRow row;
        SqlStatement select(sql);
        define(select, row);
        select.use(user_id).use(now).use(kListMax);
        select.select(
            std::string("SELECT ") + kSessionColumns +
            " FROM sessions s WHERE s.user_id = :user AND s.revoked_at_ms IS NULL AND s.expires_at_ms > :now"
            " ORDER BY s.created_at_ms DESC, s.id DESC LIMIT :limit");
        std::vector<Session> sessions;
        while (select.fetch()) sessions.push_back(to_session(row));
        return sessions;
      });
}

Task<std::vector<std::string>> SqlSessionStore::addresses_of(EmailAddress email) {
  return database_.read([email = std::move(email)](soci::session& sql) -> Result<std::vector<std::string>> {
    std::string address;
    std::int64_t last_used = 0;
    SqlStatement select(sql);
    select.into(address).into(last_used).use(email.text()).use(kListMax);
    select.select(
        "SELECT s.address, MAX(s.last_used_at_ms) AS last_used FROM sessions s JOIN users u ON u.id = "
        "s.user_id"
        " WHERE u.email = :email GROUP BY s.address ORDER BY last_used DESC LIMIT :limit");
    std::vector<std::string> addresses;
    while (select.fetch()) addresses.push_back(address);
    return addresses;
  });
}

Task<> SqlSessionStore::revoke(std::string user_id, std::string session_id, WallTime now) {
  return database_.write([user_id = std::move(user_id), session_id = std::move(session_id),
                          now](soci::session& sql) -> Result<> {
    SqlStatement update(sql);
    update.use(now).use(session_id).use(user_id);
    const auto changed = update.run(
        "UPDATE sessions SET revoked_at_ms = COALESCE(revoked_at_ms, :now) WHERE id = :id AND user_id = "
        ":user");
    if (changed == 0) return session_unknown();
    return {};
  });
}

Task<std::vector<std::string>> SqlSessionStore::revoke_family(std::string family_id, WallTime now) {
  return database_.write([family_id = std::move(family_id), now, &dialect = database_.dialect()](
                             soci::session& sql) -> Result<std::vector<std::string>> {
    return end_sessions(sql, dialect, "family_id", family_id, "", now);
  });
}

Task<std::vector<std::string>> SqlSessionStore::revoke_all(std::string user_id, std::string except_session_id,
                                                           WallTime now) {
  return database_.write(
      [user_id = std::move(user_id), except = std::move(except_session_id), now,
       &dialect = database_.dialect()](soci::session& sql) -> Result<std::vector<std::string>> {
        return end_sessions(sql, dialect, "user_id", user_id, except, now);
      });
}

Task<std::int64_t> SqlSessionStore::delete_ended(WallTime before, int limit) {
  return database_.write([before, limit](soci::session& sql) -> Result<std::int64_t> {
    // MySQL has no LIMIT in a subquery of DELETE: the ids are read first.
    std::vector<std::string> ids;
    {
      std::string id;
      SqlStatement select(sql);
      select.into(id).use(before).use(before).use(limit);
      select.select(
          "SELECT id FROM sessions WHERE expires_at_ms < :expired OR revoked_at_ms < :revoked LIMIT :limit");
      while (select.fetch()) ids.push_back(id);
    }
    for (const auto& id : ids) SqlStatement(sql).use(id).run("DELETE FROM sessions WHERE id = :id");
    return static_cast<std::int64_t>(ids.size());
  });
}

}  // namespace relay
