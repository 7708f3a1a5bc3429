#include "store/sql/sql_email_token_store.h"

#include "store/sql/dialect.h"
#include "store/sql/sql_database.h"
#include "store/sql/sql_statement.h"

#include <soci/error.h>

namespace relay {
namespace {

void delete_tokens(soci::session& sql, const std::string& user_id, EmailTokenPurpose purpose) {
  SqlStatement remove(sql);
  remove.use(user_id).use(to_string(purpose));
  remove.run("DELETE FROM email_tokens WHERE user_id = :user AND purpose = :purpose");
}

}  // namespace

Task<> SqlEmailTokenStore::insert(EmailToken token) {
  return database_.write([token = std::move(token)](soci::session& sql) -> Result<> {
    if (token.purpose != EmailTokenPurpose::restore) delete_tokens(sql, token.user_id, token.purpose);
    SqlStatement insert(sql);
    insert.use(token.token_hash).use(token.user_id).use(to_string(token.purpose)).use(token.email.text());
    insert.use(token.created_at).use(token.expires_at);
    try {
      insert.run(
          "INSERT INTO email_tokens (token_hash, user_id, purpose, email, created_at_ms, expires_at_ms)"
          " VALUES (:hash, :user, :purpose, :email, :created, :expires)");
    } catch (const soci::soci_error& error) {
      const auto violation = violation_of(error);
      if (!violation || violation->kind != ViolationKind::foreign_key) throw;
      return Error(ErrorKind::not_found, "user_unknown", "User not found");
    }
    return {};
  });
}

Task<EmailToken> SqlEmailTokenStore::consume(std::string token_hash, EmailTokenPurpose purpose,
                                             WallTime now) {
  return database_.write(
      [token_hash = std::move(token_hash), purpose, now](soci::session& sql) -> Result<EmailToken> {
        SqlStatement update(sql);
        update.use(now).use(token_hash).use(to_string(purpose)).use(now);
        const auto changed = update.run(
            "UPDATE email_tokens SET used_at_ms = :now WHERE token_hash = :hash AND purpose = :purpose"
            " AND used_at_ms IS NULL AND expires_at_ms > :at");
        EmailToken token{.token_hash = token_hash, .purpose = purpose, .email = EmailAddress::from_store("")};
        std::string email;
        SqlStatement select(sql);
        select.into(token.user_id).into(email).into(token.created_at).into(token.expires_at).use(token_hash);
        select.select(
            "SELECT user_id, email, created_at_ms, expires_at_ms FROM email_tokens WHERE token_hash = :hash");
        if (changed == 0 || !select.fetch()) {
          return Error(ErrorKind::not_found, "email_token_unknown", "The link is not valid any more");
        }
        token.email = EmailAddress::from_store(std::move(email));
        return token;
      });
}

Task<> SqlEmailTokenStore::discard(std::string user_id, EmailTokenPurpose purpose) {
  return database_.write([user_id = std::move(user_id), purpose](soci::session& sql) -> Result<> {
    delete_tokens(sql, user_id, purpose);
    return ok;
  });
}

Task<std::int64_t> SqlEmailTokenStore::delete_expired(WallTime before) {
  return database_.write([before](soci::session& sql) -> Result<std::int64_t> {
    return SqlStatement(sql).use(before).run("DELETE FROM email_tokens WHERE expires_at_ms < :before");
  });
}

}  // namespace relay
