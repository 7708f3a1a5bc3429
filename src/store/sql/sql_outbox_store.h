#pragma once

#include "store/outbox_store.h"

namespace soci {
class session;
}

namespace relay {

class SqlDatabase;

/// Table outbox. `database` must outlive it.
class SqlOutboxStore final : public OutboxStore {
 public:
  explicit SqlOutboxStore(SqlDatabase& database) : database_(database) {}

  Task<> put(OutgoingMail mail) override;
  Task<std::vector<OutgoingMail>> claim(std::string holder, WallTime now, WallTime lease_until,
                                        int limit) override;
  Task<> finish(std::string mail_id, std::string holder) override;
  Task<> retry(std::string mail_id, std::string holder, WallTime due_at, std::string reason) override;
  Task<> give_up(std::string mail_id, std::string holder, WallTime now, std::string reason) override;
  Task<WallTime> next_due() override;
  Task<std::int64_t> delete_given_up(WallTime before) override;

 private:
  SqlDatabase& database_;
};

/// For a mail that belongs to another store's write. Throws soci_error.
void insert_mail(soci::session& sql, const OutgoingMail& mail);

}  // namespace relay
