#include "store/sql/sql_two_factor_store.h"

#include "store/sql/dialect.h"
#include "store/sql/sql_database.h"
#include "store/sql/sql_statement.h"

#include <soci/error.h>

namespace relay {
namespace {

Error two_factor_unknown() {
  return Error(ErrorKind::not_found, "two_factor_unknown", "Two-factor authentication is not set up");
}

Error two_factor_on() {
  return Error(ErrorKind::conflict, "two_factor_on", "Two-factor authentication is on already");
}

void delete_codes(soci::session& sql, const std::string& user_id) {
  SqlStatement(sql).use(user_id).run("DELETE FROM recovery_codes WHERE user_id = :user");
}

void put_codes(soci::session& sql, const std::string& user_id, const std::vector<std::string>& hashes) {
  delete_codes(sql, user_id);
  for (const auto& hash : hashes) {
    SqlStatement(sql).use(user_id).use(hash).run(
        "INSERT INTO recovery_codes (user_id, code_hash) VALUES (:user, :hash)");
  }
}

}  // namespace

Task<> SqlTwoFactorStore::begin(TwoFactor two_factor) {
  return database_.write([two_factor = std::move(two_factor)](soci::session& sql) -> Result<> {
    const auto& user_id = two_factor.user_id;
    SqlStatement(sql).use(user_id).run(
        "DELETE FROM two_factors WHERE user_id = :user AND confirmed_at_ms IS NULL");
    SqlStatement insert(sql);
    insert.use(user_id).use(two_factor.sealed_secret).use(two_factor.created_at);
    try {
      insert.run(
          "INSERT INTO two_factors (user_id, sealed_secret, last_step, created_at_ms)"
          " VALUES (:user, :secret, 0, :created)");
    } catch (const soci::soci_error& error) {
      const auto violation = violation_of(error);
      if (!violation) throw;
      if (violation->kind == ViolationKind::unique) return two_factor_on();
      if (violation->kind != ViolationKind::foreign_key) throw;
      return Error(ErrorKind::not_found, "user_unknown", "User not found");
    }
    return {};
  });
}

Task<TwoFactor> SqlTwoFactorStore::find(std::string user_id) {
  return database_.read([user_id = std::move(user_id)](soci::session& sql) -> Result<TwoFactor> {
    TwoFactor found{.user_id = user_id};
    SqlStatement select(sql);
    select.into(found.sealed_secret).into(found.last_step).into(found.confirmed_at).into(found.created_at);
    select.into(found.recovery_codes_left).use(user_id);
    select.select(
        "SELECT t.sealed_secret, t.last_step, t.confirmed_at_ms, t.created_at_ms,"
        " (SELECT COUNT(*) FROM recovery_codes r WHERE r.user_id = t.user_id AND r.used_at_ms IS NULL)"
        " FROM two_factors t WHERE t.user_id = :user");
    if (!select.fetch()) return two_factor_unknown();
    return found;
  });
}

Task<> SqlTwoFactorStore::confirm(std::string user_id, std::string sealed_secret, std::int64_t step,
                                  std::vector<std::string> recovery_hashes, WallTime now) {
  return database_.write([user_id = std::move(user_id), sealed_secret = std::move(sealed_secret), step,
                          recovery_hashes = std::move(recovery_hashes), now](soci::session& sql) -> Result<> {
    SqlStatement update(sql);
    update.use(now).use(step).use(user_id).use(sealed_secret);
    const auto changed = update.run(
        "UPDATE two_factors SET confirmed_at_ms = :now, last_step = :step"
        " WHERE user_id = :user AND sealed_secret = :secret AND confirmed_at_ms IS NULL");
    if (changed == 0) return two_factor_on();
    put_codes(sql, user_id, recovery_hashes);
    return {};
  });
}

Task<> SqlTwoFactorStore::use_step(std::string user_id, std::int64_t step) {
  return database_.write([user_id = std::move(user_id), step](soci::session& sql) -> Result<> {
    SqlStatement update(sql);
    update.use(step).use(user_id).use(step);
    const auto changed =
        update.run("UPDATE two_factors SET last_step = :step WHERE user_id = :user AND last_step < :before");
    if (changed == 0) return Error(ErrorKind::conflict, "code_used", "The code was used already");
    return {};
  });
}

Task<> SqlTwoFactorStore::use_recovery_code(std::string user_id, std::string recovery_hash, WallTime now) {
  return database_.write([user_id = std::move(user_id), recovery_hash = std::move(recovery_hash),
                          now](soci::session& sql) -> Result<> {
    SqlStatement update(sql);
    update.use(now).use(user_id).use(recovery_hash);
    const auto changed = update.run(
        "UPDATE recovery_codes SET used_at_ms = :now"
        " WHERE user_id = :user AND code_hash = :hash AND used_at_ms IS NULL");
    if (changed == 0) {
      return Error(ErrorKind::not_found, "recovery_code_unknown", "The recovery code is unknown or used");
    }
    return {};
  });
}

Task<> SqlTwoFactorStore::replace_recovery_codes(std::string user_id,
                                                 std::vector<std::string> recovery_hashes) {
  return database_.write([user_id = std::move(user_id),
                          recovery_hashes = std::move(recovery_hashes)](soci::session& sql) -> Result<> {
    std::int64_t on = 0;
    SqlStatement select(sql);
    select.into(on).use(user_id);
    select.select("SELECT COUNT(*) FROM two_factors WHERE user_id = :user AND confirmed_at_ms IS NOT NULL");
    select.fetch();
    if (on == 0) return two_factor_unknown();
    put_codes(sql, user_id, recovery_hashes);
    return {};
  });
}

Task<bool> SqlTwoFactorStore::reseal(std::string user_id, std::string before, std::string after) {
  return database_.write([user_id = std::move(user_id), before = std::move(before),
                          after = std::move(after)](soci::session& sql) -> Result<bool> {
    SqlStatement update(sql);
    update.use(after).use(user_id).use(before);
    return update.run(
               "UPDATE two_factors SET sealed_secret = :after WHERE user_id = :user"
               " AND sealed_secret = :before") > 0;
  });
}

Task<> SqlTwoFactorStore::remove(std::string user_id) {
  return database_.write([user_id = std::move(user_id)](soci::session& sql) -> Result<> {
    delete_codes(sql, user_id);
    SqlStatement(sql).use(user_id).run("DELETE FROM two_factors WHERE user_id = :user");
    return {};
  });
}

}  // namespace relay
