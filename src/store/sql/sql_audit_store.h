#pragma once

#include "store/audit_store.h"

namespace relay {

class SqlDatabase;

/// Table audit_logs. `database` must outlive it.
class SqlAuditStore final : public AuditStore {
 public:
  explicit SqlAuditStore(SqlDatabase& database) : database_(database) {}

  Task<> append(AuditEntry entry) override;
  Task<Page<AuditEntry>> list_by_user(std::string user_id, PageRequest page) override;
  Task<std::optional<std::int64_t>> find_break() override;

 private:
  SqlDatabase& database_;
};

}  // namespace relay
