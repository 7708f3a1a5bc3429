#pragma once

#include "store/audit_store.h"

namespace relay {

class SqlDatabase;

/// Tables audit_logs and audit_head. `database` must outlive it.
class SqlAuditStore final : public AuditStore {
 public:
  SqlAuditStore(SqlDatabase& database, AuditChain chain) : database_(database), chain_(std::move(chain)) {}

  Task<> append(std::vector<AuditEntry> entries) override;
  Task<Page<AuditEntry>> list(AuditFilter filter, PageRequest page) override;
  Task<AuditHead> head() override;
  Task<std::vector<ChainedEntry>> read_chain(std::int64_t sequence, int limit) override;
  Task<std::int64_t> trim(WallTime before, int limit) override;

 private:
  SqlDatabase& database_;
  const AuditChain chain_;
};

}  // namespace relay
