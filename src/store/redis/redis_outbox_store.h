#pragma once

#include "store/outbox_store.h"

namespace relay {

class RedisDatabase;
class RedisFields;

/// Table outbox. `database` must outlive it.
class RedisOutboxStore final : public OutboxStore {
 public:
  explicit RedisOutboxStore(RedisDatabase& database) : database_(database) {}

  Task<> put(OutgoingMail mail) override;
  Task<std::vector<OutgoingMail>> claim(std::string holder, WallTime now, WallTime lease_until,
                                        int limit) override;
  Task<> finish(std::string mail_id, std::string holder) override;
  Task<> retry(std::string mail_id, std::string holder, WallTime due_at, std::string reason) override;
  Task<> give_up(std::string mail_id, std::string holder, WallTime now, std::string reason) override;
  Task<WallTime> next_due() override;
  Task<std::int64_t> delete_given_up(WallTime before) override;

 private:
  RedisDatabase& database_;
};

/// The row of a mail that waits, for another store's write too.
RedisFields mail_fields(const OutgoingMail& mail);

}  // namespace relay
