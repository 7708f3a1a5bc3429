#include "api/notification_routes.h"

#include "api/paging.h"
#include "api/user_object.h"
#include "service/notification_service.h"

namespace relay {
namespace {

struct NotificationObject {
  std::string id;
  std::string kind;
  std::string title;
  std::string body;
  boost::json::object data;
  bool read = false;
  std::optional<WallTime> read_at;
  WallTime created_at;
};
BOOST_DESCRIBE_STRUCT(NotificationObject, (), (id, kind, title, body, data, read, read_at, created_at))

struct NotificationQuery : PageQuery {
  std::optional<bool> unread;  // only those
};
BOOST_DESCRIBE_STRUCT(NotificationQuery, (PageQuery), (unread))

struct NotificationChannelsObject {
  bool in_app = true;
  bool email = true;
};
BOOST_DESCRIBE_STRUCT(NotificationChannelsObject, (), (in_app, email))

struct NotificationKindsObject {
  NotificationChannelsObject key_created;
  NotificationChannelsObject key_expiring;
  NotificationChannelsObject new_sign_in;
  NotificationChannelsObject password_changed;
  NotificationChannelsObject email_changed;
  NotificationChannelsObject limit_near;
};
BOOST_DESCRIBE_STRUCT(NotificationKindsObject, (),
                      (key_created, key_expiring, new_sign_in, password_changed, email_changed, limit_near))

struct PreferencesObject {
  NotificationKindsObject notifications;
};
BOOST_DESCRIBE_STRUCT(PreferencesObject, (), (notifications))

struct NotificationChannelsFields {
  std::optional<bool> in_app;
  std::optional<bool> email;
};
BOOST_DESCRIBE_STRUCT(NotificationChannelsFields, (), (in_app, email))

struct NotificationKindsFields {
  std::optional<NotificationChannelsFields> key_created;
  std::optional<NotificationChannelsFields> key_expiring;
  std::optional<NotificationChannelsFields> new_sign_in;
  std::optional<NotificationChannelsFields> password_changed;
  std::optional<NotificationChannelsFields> email_changed;
  std::optional<NotificationChannelsFields> limit_near;
};
BOOST_DESCRIBE_STRUCT(NotificationKindsFields, (),
                      (key_created, key_expiring, new_sign_in, password_changed, email_changed, limit_near))

struct PreferencesFields {
  std::optional<NotificationKindsFields> notifications;
};
BOOST_DESCRIBE_STRUCT(PreferencesFields, (), (notifications))

NotificationChannelsObject to_object(NotificationChannels channels) {
  return {.in_app = channels.in_app, .email = channels.email};
}

PreferencesObject to_object(const NotificationPreferences& preferences) {
  const auto of = [&preferences](NotificationKind kind) { return to_object(preferences.of(kind)); };
  return {.notifications = {.key_created = of(NotificationKind::key_created),
                            .key_expiring = of(NotificationKind::key_expiring),
                            .new_sign_in = of(NotificationKind::new_sign_in),
                            .password_changed = of(NotificationKind::password_changed),
                            .email_changed = of(NotificationKind::email_changed),
                            .limit_near = of(NotificationKind::limit_near)}};
}

PreferenceChanges to_changes(const PreferencesFields& fields) {
  PreferenceChanges changes;
  if (!fields.notifications) return changes;
  const auto take = [&changes](NotificationKind kind,
                               const std::optional<NotificationChannelsFields>& channels) {
    if (channels) changes[kind] = {.in_app = channels->in_app, .email = channels->email};
  };
  take(NotificationKind::key_created, fields.notifications->key_created);
  take(NotificationKind::key_expiring, fields.notifications->key_expiring);
  take(NotificationKind::new_sign_in, fields.notifications->new_sign_in);
  take(NotificationKind::password_changed, fields.notifications->password_changed);
  take(NotificationKind::email_changed, fields.notifications->email_changed);
  take(NotificationKind::limit_near, fields.notifications->limit_near);
  return changes;
}

NotificationObject to_object(Notification notification) {
  return {.id = std::move(notification.id),
          .kind = std::move(notification.kind),
          .title = std::move(notification.title),
          .body = std::move(notification.body),
          .data = to_json_object(notification.data),
          .read = notification.read_at.has_value(),
          .read_at = notification.read_at,
          .created_at = notification.created_at};
}

Task<Reply<std::vector<NotificationObject>, NextPage>> list_notifications(NotificationService& notifications,
                                                                          Call call,
                                                                          NotificationQuery query) {
  auto page = to_page_request(query);
  const bool unread_only = query.unread.value_or(false);
  CO_TRY(auto found, co_await notifications.list(std::move(call.user_id), unread_only, std::move(page)));
  Reply<std::vector<NotificationObject>, NextPage> reply;
  for (auto& item : found.items) reply.data.push_back(to_object(std::move(item)));
  reply.top = to_next_page(std::move(found.next_cursor));
  co_return reply;
}

Task<Reply<NoFields>> mark_read(NotificationService& notifications, Call call) {
  CO_CHECK(co_await notifications.mark_read(std::move(call.user_id), std::move(call.path_values.at(0))));
  Reply<NoFields> reply{.message = "Notification marked as read"};
  co_return reply;
}

Task<Reply<PreferencesObject>> find_preferences(NotificationService& notifications, Call call) {
  CO_TRY(auto preferences, co_await notifications.preferences(std::move(call.user_id)));
  Reply<PreferencesObject> reply{.data = to_object(preferences)};
  co_return reply;
}

Task<Reply<PreferencesObject>> change_preferences(NotificationService& notifications, Call call,
                                                  PreferencesFields fields) {
  CO_TRY(auto preferences, co_await notifications.change_preferences(actor_of(call), to_changes(fields)));
  Reply<PreferencesObject> reply{.data = to_object(preferences),
                                 .message = "Preferences updated successfully"};
  co_return reply;
}

}  // namespace

std::vector<Route> notification_routes(NotificationService& notifications) {
  std::vector<Route> routes;
  routes.push_back(make_route<NotificationQuery, std::vector<NotificationObject>, NextPage>(
      {"GET",
       "/users/notifications",
       Access::bearer,
       "listNotifications",
       "What one was told, newest first",
       {{ErrorKind::validation, {"cursor_invalid"}}}},
      [&notifications](Call call, NotificationQuery query) {
        return list_notifications(notifications, std::move(call), std::move(query));
      }));
  routes.push_back(make_route<NoFields, NoFields>(
      {"POST",
       "/users/notifications/{id}/read",
       Access::bearer,
       "markNotificationRead",
       "It was read",
       {{ErrorKind::not_found, {"notification_unknown"}}}},
      [&notifications](Call call, NoFields) { return mark_read(notifications, std::move(call)); }));
  routes.push_back(make_route<NoFields, PreferencesObject>(
      {"GET", "/users/preferences", Access::bearer, "getPreferences",
       "What one wants to be told of, and how"},
      [&notifications](Call call, NoFields) { return find_preferences(notifications, std::move(call)); }));
  routes.push_back(make_route<PreferencesFields, PreferencesObject>(
      {"PUT",
       "/users/preferences",
       Access::bearer,
       "updatePreferences",
       "Switch kinds of notifications on and off; what is not named stays",
       {{ErrorKind::validation, {"notification_required"}}}},
      [&notifications](Call call, PreferencesFields fields) {
        return change_preferences(notifications, std::move(call), std::move(fields));
      }));
  return routes;
}

}  // namespace relay
