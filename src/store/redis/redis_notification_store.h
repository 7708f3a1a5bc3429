#pragma once

#include "store/notification_store.h"

namespace relay {

class RedisDatabase;

/// Table notifications. `database` must outlive it.
class RedisNotificationStore final : public NotificationStore {
 public:
  explicit RedisNotificationStore(RedisDatabase& database) : database_(database) {}

  Task<> insert(Notification notification, std::optional<OutgoingMail> mail) override;
  Task<Page<Notification>> list_by_user(std::string user_id, bool unread_only, PageRequest page) override;
  Task<> mark_read(std::string user_id, std::string notification_id, WallTime now) override;

  Task<std::int64_t> delete_old(WallTime before, int limit) override;

 private:
  RedisDatabase& database_;
};

}  // namespace relay
