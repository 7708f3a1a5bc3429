#include "service/notification_service.h"

#include "crypto/sha256.h"
#include "domain/identifier.h"
#include "observe/log.h"
#include "service/notification_preferences.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace relay {
namespace {

MailKind mail_kind(NotificationKind kind) {
  switch (kind) {
    case NotificationKind::key_created:
      return MailKind::key_created;
    case NotificationKind::key_expiring:
      return MailKind::key_expiring;
    case NotificationKind::new_sign_in:
      return MailKind::new_sign_in;
    case NotificationKind::password_changed:
      return MailKind::password_changed;
    case NotificationKind::email_changed:
      return MailKind::email_changed;
    case NotificationKind::limit_near:
      return MailKind::limit_near;
  }
  return MailKind::limit_near;
}

std::string as_json(const std::map<std::string, std::string>& details) {
  boost::json::object object;
  for (const auto& [name, value] : details) object[name] = value;
  return boost::json::serialize(object);
}

void note_failure(const Result<>& told, NotificationKind kind) {
  if (told.has_value()) return;
  log_error("service", "a notice was not kept",
            {{"kind", to_string(kind)}, {"code", told.error().code()}, {"cause", told.error().cause()}});
}

}  // namespace

Task<Page<Notification>> NotificationService::list(std::string user_id, bool unread_only, PageRequest page) {
  return parts_.notifications.list_by_user(std::move(user_id), unread_only, std::move(page));
}

Task<> NotificationService::mark_read(std::string user_id, std::string notification_id) {
  return parts_.notifications.mark_read(std::move(user_id), std::move(notification_id), parts_.clock.now());
}

Task<NotificationPreferences> NotificationService::preferences(std::string user_id) {
  CO_TRY(auto user, co_await parts_.users.find(std::move(user_id)));
  co_return read_preferences(user.settings);
}

Task<NotificationPreferences> NotificationService::change_preferences(Actor owner,
                                                                      PreferenceChanges changes) {
  Error wrong(ErrorKind::validation, "notification_required", "These notifications can't be switched off");
  for (const auto& [kind, change] : changes) {
    const auto field = "notifications." + std::string(preference_name(kind));
    if (!is_security(kind)) continue;
    if (change.in_app == false)
      wrong.on_field(field + ".inApp", "can't be switched off: it protects the account");
    if (change.email == false)
      wrong.on_field(field + ".email", "can't be switched off: it protects the account");
  }
  if (!wrong.fields().empty()) co_return wrong;

  CO_TRY(auto user, co_await parts_.users.find(owner.user_id));
  auto preferences = read_preferences(user.settings);
  for (const auto& [kind, change] : changes) {
    auto channels = preferences.of(kind);
    channels.in_app = change.in_app.value_or(channels.in_app);
    channels.email = change.email.value_or(channels.email);
    preferences.set(kind, channels);
  }
  UserChanges update;
  update.settings = with_preferences(user.settings, preferences);
  CO_TRY(auto changed, co_await parts_.users.update(owner.user_id, std::move(update), parts_.clock.now()));
  auto act = act_of_user(audit_action::kPreferencesUpdated, std::move(owner.user_id));
  CO_CHECK(co_await parts_.audit.record(std::move(act), std::move(owner.device)));
  co_return read_preferences(changed.settings);
}

Task<> NotificationService::tell(User user, Notice notice) {
  const auto kind = notice.kind;
  auto told = co_await deliver(std::move(user), std::move(notice));
  note_failure(told, kind);
  co_return told;
}

Task<> NotificationService::tell(std::string user_id, Notice notice) {
  const auto kind = notice.kind;
  auto user = co_await parts_.users.find(std::move(user_id));
  if (user.has_error()) {
    Result<> failed = std::move(user).error();
    note_failure(failed, kind);
    co_return failed;
  }
  co_return co_await tell(*std::move(user), std::move(notice));
}

Task<> NotificationService::deliver(User user, Notice notice) {
  const auto channels = read_preferences(user.settings).of(notice.kind);
  const bool by_mail = channels.email && (user.email_verified || is_security(notice.kind));
  if (!channels.in_app && !by_mail) co_return ok;
  const auto now = parts_.clock.now();
  const auto details = as_json(notice.details);
  std::optional<OutgoingMail> mail;
  if (by_mail) {
    auto recipient = notice.mail_to.empty() ? user.email.text() : std::move(notice.mail_to);
    mail = parts_.outbox.make(mail_kind(notice.kind), user.id, std::move(recipient), details);
  }
  Notification notification{.id = make_identifier("ntf_", now, parts_.random),
                            .user_id = std::move(user.id),
                            .kind = std::string(to_string(notice.kind)),
                            .title = std::move(notice.title),
                            .body = std::move(notice.body),
                            .data = details,
                            .subject = std::move(notice.subject),
                            .in_app = channels.in_app,
                            .created_at = now,
                            .read_at = std::nullopt};
  if (!channels.in_app) notification.read_at = now;
  const bool once = notification.subject.has_value();
  auto inserted = co_await parts_.notifications.insert(std::move(notification), std::move(mail));
  if (inserted.has_error()) {
    if (once && inserted.error().kind() == ErrorKind::conflict) co_return ok;
    co_return inserted;
  }
  if (by_mail) parts_.outbox.wake();
  co_return ok;
}

Task<> NotificationService::note_sign_in(User user, Device device) {
  auto noted = co_await look_at_device(std::move(user), std::move(device));
  note_failure(noted, NotificationKind::new_sign_in);
  co_return noted;
}

Task<> NotificationService::look_at_device(User user, Device device) {
  // A hash: whoever reads the store learns no more of where people are than their sessions tell.
  const auto fingerprint = sha256_hex(user.id + "\n" + device_fingerprint(device));
  const auto now = parts_.clock.now();
  CO_TRY(const auto seen, co_await parts_.devices.remember(user.id, fingerprint, now));
  if (seen != DeviceSeen::new_one) co_return ok;
  auto notice = new_sign_in_notice(device, now);
  co_return co_await deliver(std::move(user), std::move(notice));
}

}  // namespace relay
