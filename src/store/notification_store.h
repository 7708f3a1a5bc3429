// Where notifications are kept. Implementations: store/sql, store/redis. Contract: tests/store/.
#pragma once

#include "async/task.h"
#include "domain/mail.h"
#include "domain/notification.h"
#include "store/page.h"

#include <cstdint>
#include <optional>
#include <string>

namespace relay {

/// All calls: unavailable when the store is away (never not_found), internal for a broken row.
/// Thread-safe; a call resumes on the io_context it was made from. A write is durable when it returns.
class NotificationStore {
 public:
  virtual ~NotificationStore() = default;

  /// Both or neither: the notification, and `mail` into the outbox. not_found "user_unknown"; conflict
  /// "duplicate" when the id is there, or the user was told of this subject.
  virtual Task<> insert(Notification notification, std::optional<OutgoingMail> mail) = 0;

  /// Those that are in_app, newest first. validation on `cursor`.
  virtual Task<Page<Notification>> list_by_user(std::string user_id, bool unread_only, PageRequest page) = 0;

  /// Deletes at most `limit` that were made before `before`, read or not. Returns how many.
  virtual Task<std::int64_t> delete_old(WallTime before, int limit) = 0;

  /// not_found "notification_unknown" when `user_id` has none with this id. Keeps the first time.
  virtual Task<> mark_read(std::string user_id, std::string notification_id, WallTime now) = 0;
};

}  // namespace relay
