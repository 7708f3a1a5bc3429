#include "store/sql/sql_outbox_store.h"

#include "store/sql/sql_database.h"
#include "store/sql/sql_statement.h"

#include <optional>

namespace relay {
namespace {

constexpr std::size_t kReasonMax = 500;

Error not_held() { return Error(ErrorKind::conflict, "mail_not_held", "Another node has taken this mail"); }

Result<> check_held(std::int64_t changed) {
  if (changed == 0) return not_held();
  return ok;
}

// Nothing when another node was faster.
std::optional<OutgoingMail> take(soci::session& sql, const std::string& id, const std::string& holder,
                                 WallTime now, WallTime lease_until) {
  SqlStatement update(sql);
  update.use(holder).use(lease_until).use(id).use(now).use(now);
  const auto changed = update.run(
      "UPDATE outbox SET holder = :holder, lease_until_ms = :until, attempts = attempts + 1 WHERE id = :id"
      " AND given_up_at_ms IS NULL AND due_at_ms <= :due AND lease_until_ms <= :free");
  if (changed == 0) return std::nullopt;
  OutgoingMail mail{.id = id};
  std::string kind;
  SqlStatement select(sql);
  select.into(kind).into(mail.user_id).into(mail.recipient).into(mail.details).into(mail.attempts);
  select.into(mail.created_at).into(mail.due_at).use(id);
  select.select(
      "SELECT kind, user_id, recipient, details, attempts, created_at_ms, due_at_ms FROM outbox"
      " WHERE id = :id");
  if (!select.fetch()) return std::nullopt;
  const auto known = parse_mail_kind(kind);
  if (known.has_value()) {
    mail.kind = *known;
    return mail;
  }
  // A newer version has put it there: that must not hold up the others.
  SqlStatement(sql).use(now).use(id).run(
      "UPDATE outbox SET given_up_at_ms = :now, last_error = 'unknown kind', holder = '' WHERE id = :id");
  return std::nullopt;
}

}  // namespace

void insert_mail(soci::session& sql, const OutgoingMail& mail) {
  SqlStatement insert(sql);
  insert.use(mail.id).use(to_string(mail.kind)).use(mail.user_id).use(mail.recipient).use(mail.details);
  insert.use(mail.due_at).use(mail.created_at);
  insert.run(
      "INSERT INTO outbox (id, kind, user_id, recipient, details, due_at_ms, created_at_ms)"
      " VALUES (:id, :kind, :user, :recipient, :details, :due, :created)");
}

Task<> SqlOutboxStore::put(OutgoingMail mail) {
  return database_.write([mail = std::move(mail)](soci::session& sql) -> Result<> {
    insert_mail(sql, mail);
    return ok;
  });
}

Task<std::vector<OutgoingMail>> SqlOutboxStore::claim(std::string holder, WallTime now, WallTime lease_until,
                                                      int limit) {
  return database_.write([holder = std::move(holder), now, lease_until,
                          limit](soci::session& sql) -> Result<std::vector<OutgoingMail>> {
    std::vector<std::string> ids;
    {
      std::string id;
      SqlStatement select(sql);
      select.into(id).use(now).use(now).use(limit);
      select.select(
          "SELECT id FROM outbox WHERE given_up_at_ms IS NULL AND due_at_ms <= :due AND lease_until_ms <= "
          ":free"
          " ORDER BY due_at_ms, id LIMIT :limit");
      while (select.fetch()) ids.push_back(id);
    }
    std::vector<OutgoingMail> mails;
    for (const auto& id : ids) {
      if (auto mail = take(sql, id, holder, now, lease_until)) mails.push_back(*std::move(mail));
    }
    return mails;
  });
}

Task<> SqlOutboxStore::finish(std::string mail_id, std::string holder) {
  return database_.write(
      [mail_id = std::move(mail_id), holder = std::move(holder)](soci::session& sql) -> Result<> {
        SqlStatement remove(sql);
        remove.use(mail_id).use(holder);
        return check_held(remove.run("DELETE FROM outbox WHERE id = :id AND holder = :holder"));
      });
}

Task<> SqlOutboxStore::retry(std::string mail_id, std::string holder, WallTime due_at, std::string reason) {
  return database_.write([mail_id = std::move(mail_id), holder = std::move(holder), due_at,
                          reason = std::move(reason)](soci::session& sql) -> Result<> {
    SqlStatement update(sql);
    update.use(due_at).use(reason.substr(0, kReasonMax)).use(mail_id).use(holder);
    return check_held(
        update.run("UPDATE outbox SET due_at_ms = :due, last_error = :reason, holder = '', lease_until_ms = 0"
                   " WHERE id = :id AND holder = :holder"));
  });
}

Task<> SqlOutboxStore::give_up(std::string mail_id, std::string holder, WallTime now, std::string reason) {
  return database_.write([mail_id = std::move(mail_id), holder = std::move(holder), now,
                          reason = std::move(reason)](soci::session& sql) -> Result<> {
    SqlStatement update(sql);
    update.use(now).use(reason.substr(0, kReasonMax)).use(mail_id).use(holder);
    return check_held(update.run(
        "UPDATE outbox SET given_up_at_ms = :now, last_error = :reason, recipient = '', details = '{}',"
        " holder = '', lease_until_ms = 0 WHERE id = :id AND holder = :holder"));
  });
}

Task<WallTime> SqlOutboxStore::next_due() {
  return database_.read([](soci::session& sql) -> Result<WallTime> {
    std::optional<std::int64_t> due;
    SqlStatement select(sql);
    select.into(due).select(
        "SELECT MIN(CASE WHEN lease_until_ms > due_at_ms THEN lease_until_ms ELSE due_at_ms END) FROM outbox"
        " WHERE given_up_at_ms IS NULL");
    select.fetch();
    return due ? wall_time(*due) : WallTime::max();
  });
}

Task<std::int64_t> SqlOutboxStore::delete_given_up(WallTime before) {
  return database_.write([before](soci::session& sql) -> Result<std::int64_t> {
    return SqlStatement(sql).use(before).run("DELETE FROM outbox WHERE given_up_at_ms < :before");
  });
}

}  // namespace relay
