#include "store/sql/sql_known_device_store.h"

#include "store/sql/dialect.h"
#include "store/sql/sql_database.h"
#include "store/sql/sql_statement.h"

#include <soci/error.h>

#include <vector>

namespace relay {
namespace {

constexpr std::int64_t kDevicesMax = 100;

// The one seen longest ago makes room.
void make_room(soci::session& sql, const std::string& user_id) {
  std::string oldest;
  {
    SqlStatement select(sql);
    select.into(oldest).use(user_id).select(
        "SELECT fingerprint FROM known_devices WHERE user_id = :user ORDER BY last_seen_at_ms LIMIT 1");
    if (!select.fetch()) return;
  }
  SqlStatement remove(sql);
  remove.use(user_id).use(oldest);
  remove.run("DELETE FROM known_devices WHERE user_id = :user AND fingerprint = :fingerprint");
}

}  // namespace

Task<DeviceSeen> SqlKnownDeviceStore::remember(std::string user_id, std::string fingerprint, WallTime now) {
  return database_.write([user_id = std::move(user_id), fingerprint = std::move(fingerprint), now,
                          &dialect = database_.dialect()](soci::session& sql) -> Result<DeviceSeen> {
    SqlStatement update(sql);
    update.use(now).use(user_id).use(fingerprint);
    const auto seen = update.run(
        "UPDATE known_devices SET last_seen_at_ms = :now WHERE user_id = :user AND fingerprint = "
        ":fingerprint");
    if (seen > 0) return DeviceSeen::known;
    std::int64_t others = 0;
    {
      SqlStatement select(sql);
      select.into(others).use(user_id).select("SELECT COUNT(*) FROM known_devices WHERE user_id = :user");
      select.fetch();
    }
    if (others >= kDevicesMax) make_room(sql, user_id);
    SqlStatement insert(sql);
    insert.use(user_id).use(fingerprint).use(now).use(now);
    try {
      insert.run(
          std::string("INSERT INTO known_devices (user_id, fingerprint, first_seen_at_ms, last_seen_at_ms)") +
          " VALUES (:user, :fingerprint, :first, :last)" + dialect.on_duplicate_keep("user_id, fingerprint"));
    } catch (const soci::soci_error& error) {
      const auto violation = violation_of(error);
      if (!violation || violation->kind != ViolationKind::foreign_key) throw;
      return Error(ErrorKind::not_found, "user_unknown", "User not found");
    }
    return others == 0 ? DeviceSeen::first : DeviceSeen::new_one;
  });
}

Task<std::int64_t> SqlKnownDeviceStore::delete_unseen(WallTime before) {
  return database_.write([before](soci::session& sql) -> Result<std::int64_t> {
    return SqlStatement(sql).use(before).run("DELETE FROM known_devices WHERE last_seen_at_ms < :before");
  });
}

}  // namespace relay
