#include "store/redis/redis_notification_store.h"

#include "store/redis/redis_database.h"
#include "store/redis/redis_outbox_store.h"
#include "store/redis/redis_row.h"

namespace relay {
namespace {

const RedisScript& notification_script() {
  static const RedisScript script = store_script("notification_store.lua");
  return script;
}

}  // namespace

Task<> RedisNotificationStore::insert(Notification notification, std::optional<OutgoingMail> mail) {
  RedisFields fields;
  fields.set("id", notification.id).set("user_id", notification.user_id).set("kind", notification.kind);
  fields.set("title", notification.title).set("body", notification.body).set("data", notification.data);
  fields.set("created_at_ms", notification.created_at).set_if("read_at_ms", notification.read_at);
  fields.set_if("subject", notification.subject).set("in_app", notification.in_app);
  RedisWords words("insert");
  words.add(fields).add(mail ? 1 : 0);
  if (mail) words.add(mail_fields(*mail));
  CO_CHECK(co_await database_.run(notification_script(), std::move(words)));
  co_return ok;
}

Task<Page<Notification>> RedisNotificationStore::list_by_user(std::string user_id, bool unread_only,
                                                              PageRequest page) {
  CO_TRY(const auto place, parse_cursor(page.cursor));
  const int limit = held_limit(page);
  RedisWords words("list");
  words.add(std::move(user_id)).add(unread_only ? "1" : "0");
  CO_TRY(const auto rows, co_await database_.list(notification_script(), std::move(words), place, limit + 1));
  std::vector<Notification> notifications;
  for (const auto& reply : rows) {
    auto& found = notifications.emplace_back();
    RedisRow row(reply);
    row.into("id", found.id)
        .into("user_id", found.user_id)
        .into("kind", found.kind)
        .into("title", found.title);
    row.into("body", found.body).into("data", found.data).into("created_at_ms", found.created_at);
    CO_CHECK(row.into("read_at_ms", found.read_at).check());
  }
  co_return to_page(std::move(notifications), limit);
}

Task<> RedisNotificationStore::mark_read(std::string user_id, std::string notification_id, WallTime now) {
  RedisWords words("mark_read");
  words.add(std::move(user_id)).add(std::move(notification_id)).add(now);
  CO_CHECK(co_await database_.run(notification_script(), std::move(words)));
  co_return ok;
}

Task<std::int64_t> RedisNotificationStore::delete_old(WallTime before, int limit) {
  RedisWords words("delete_old");
  words.add(before);
  return database_.repeat(notification_script(), std::move(words), limit);
}

}  // namespace relay
