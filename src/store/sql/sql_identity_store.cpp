#include "store/sql/sql_identity_store.h"

#include "store/sql/dialect.h"
#include "store/sql/sql_database.h"
#include "store/sql/sql_statement.h"

#include <soci/error.h>

namespace relay {
namespace {

// Columns and define() keep one order.
constexpr const char* kIdentityColumns =
    "id, user_id, provider, issuer, subject, email, created_at_ms, last_used_at_ms";

void define(SqlStatement& select, Identity& row) {
  select.into(row.id).into(row.user_id).into(row.provider).into(row.issuer).into(row.subject);
  select.into(row.email).into(row.created_at).into(row.last_used_at);
}

Error identity_unknown() {
  return Error(ErrorKind::not_found, "identity_unknown", "There is no such linked account");
}

}  // namespace

Task<> SqlIdentityStore::insert(Identity identity) {
  return database_.write([identity = std::move(identity)](soci::session& sql) -> Result<> {
    SqlStatement insert(sql);
    insert.use(identity.id).use(identity.user_id).use(identity.provider).use(identity.issuer);
    insert.use(identity.subject).use(identity.email).use(identity.created_at).use(identity.last_used_at);
    try {
      insert.run(
          "INSERT INTO user_identities (id, user_id, provider, issuer, subject, email, created_at_ms,"
          " last_used_at_ms) VALUES (:id, :user, :provider, :issuer, :subject, :email, :created, :used)");
    } catch (const soci::soci_error& error) {
      const auto violation = violation_of(error);
      if (!violation) throw;
      if (violation->kind == ViolationKind::foreign_key)
        return Error(ErrorKind::not_found, "user_unknown", "User not found");
      if (violation->index != "user_identities_issuer") throw;
      return Error(ErrorKind::conflict, "identity_taken", "This account is linked already");
    }
    return {};
  });
}

Task<Identity> SqlIdentityStore::find(std::string issuer, std::string subject) {
  return database_.read(
      [issuer = std::move(issuer), subject = std::move(subject)](soci::session& sql) -> Result<Identity> {
        Identity row;
        SqlStatement select(sql);
        define(select, row);
        select.use(issuer).use(subject);
        select.select(std::string("SELECT ") + kIdentityColumns +
                      " FROM user_identities WHERE issuer = :issuer AND subject = :subject");
        if (!select.fetch()) return identity_unknown();
        return row;
      });
}

Task<std::vector<Identity>> SqlIdentityStore::list(std::string user_id) {
  return database_.read([user_id = std::move(user_id)](soci::session& sql) -> Result<std::vector<Identity>> {
    Identity row;
    SqlStatement select(sql);
    define(select, row);
    select.use(user_id);
    select.select(std::string("SELECT ") + kIdentityColumns +
                  " FROM user_identities WHERE user_id = :user ORDER BY created_at_ms, id");
    std::vector<Identity> identities;
    while (select.fetch()) identities.push_back(row);
    return identities;
  });
}

Task<> SqlIdentityStore::record_use(std::string identity_id, std::string email, WallTime now) {
  return database_.write(
      [identity_id = std::move(identity_id), email = std::move(email), now](soci::session& sql) -> Result<> {
        SqlStatement(sql)
            .use(email)
            .use(now)
            .use(identity_id)
            .run("UPDATE user_identities SET email = :email, last_used_at_ms = :now WHERE id = :id");
        return {};
      });
}

Task<> SqlIdentityStore::remove(std::string user_id, std::string identity_id) {
  return database_.write(
      [user_id = std::move(user_id), identity_id = std::move(identity_id)](soci::session& sql) -> Result<> {
        const auto changed = SqlStatement(sql)
                                 .use(identity_id)
                                 .use(user_id)
                                 .run("DELETE FROM user_identities WHERE id = :id AND user_id = :user");
        if (changed == 0) return identity_unknown();
        return {};
      });
}

}  // namespace relay
