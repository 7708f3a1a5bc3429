#include "store/sql/sql_notification_store.h"

#include "store/sql/dialect.h"
#include "store/sql/sql_database.h"
#include "store/sql/sql_delete.h"
#include "store/sql/sql_outbox_store.h"
#include "store/page.h"
#include "store/sql/sql_statement.h"

#include <soci/error.h>

namespace relay {

Task<> SqlNotificationStore::insert(Notification notification, std::optional<OutgoingMail> mail) {
  return database_.write(
      [notification = std::move(notification), mail = std::move(mail)](soci::session& sql) -> Result<> {
        SqlStatement insert(sql);
        insert.use(notification.id).use(notification.user_id).use(notification.kind).use(notification.title);
        insert.use(notification.body)
            .use(notification.data)
            .use(notification.created_at)
            .use(notification.read_at)
            .use(notification.subject)
            .use(notification.in_app);
        try {
          insert.run(
              "INSERT INTO notifications (id, user_id, kind, title, body, data, created_at_ms, read_at_ms,"
              " subject, in_app)"
              " VALUES (:id, :user, :kind, :title, :body, :data, :created, :read, :subject, :in_app)");
        } catch (const soci::soci_error& error) {
          const auto violation = violation_of(error);
          if (!violation || violation->kind != ViolationKind::foreign_key) throw;
          return Error(ErrorKind::not_found, "user_unknown", "User not found");
        }
        if (mail) insert_mail(sql, *mail);
        return ok;
      });
}

Task<Page<Notification>> SqlNotificationStore::list_by_user(std::string user_id, bool unread_only,
                                                            PageRequest page) {
  return database_.read([user_id = std::move(user_id), unread_only,
                         page = std::move(page)](soci::session& sql) -> Result<Page<Notification>> {
    TRY(const auto place, parse_cursor(page.cursor));
    const int limit = held_limit(page);
    Notification row;
    SqlStatement select(sql);
    select.into(row.id).into(row.user_id).into(row.kind).into(row.title).into(row.body).into(row.data);
    select.into(row.created_at).into(row.read_at);
    select.use(user_id).use(place.created_at_ms).use(place.created_at_ms).use(place.id).use(limit + 1);
    select.select(
        std::string(
            "SELECT id, user_id, kind, title, body, data, created_at_ms, read_at_ms FROM notifications"
            " WHERE user_id = :user AND in_app = 1 AND (created_at_ms < :before OR (created_at_ms = :at AND "
            "id < :id))") +
        (unread_only ? " AND read_at_ms IS NULL" : "") +
        " ORDER BY created_at_ms DESC, id DESC LIMIT :limit");
    std::vector<Notification> notifications;
    while (select.fetch()) notifications.push_back(row);
    return to_page(std::move(notifications), limit);
  });
}

Task<std::int64_t> SqlNotificationStore::delete_old(WallTime before, int limit) {
  return database_.write([before, limit](soci::session& sql) -> Result<std::int64_t> {
    return delete_found(sql, "notifications",
                        "SELECT id FROM notifications WHERE created_at_ms < :before ORDER BY created_at_ms"
                        " LIMIT :limit",
                        before, limit);
  });
}

Task<> SqlNotificationStore::mark_read(std::string user_id, std::string notification_id, WallTime now) {
  return database_.write([user_id = std::move(user_id), notification_id = std::move(notification_id),
                          now](soci::session& sql) -> Result<> {
    SqlStatement update(sql);
    update.use(now).use(notification_id).use(user_id);
    const auto changed = update.run(
        "UPDATE notifications SET read_at_ms = COALESCE(read_at_ms, :now) WHERE id = :id AND user_id = "
        ":user");
    if (changed == 0) return Error(ErrorKind::not_found, "notification_unknown", "Notification not found");
    return {};
  });
}

}  // namespace relay
