#pragma once

#include "store/audit_store.h"

namespace relay {

class RedisDatabase;

/// Tables audit_logs and audit_head. `database` must outlive it.
class RedisAuditStore final : public AuditStore {
 public:
  RedisAuditStore(RedisDatabase& database, AuditChain chain)
      : database_(database), chain_(std::move(chain)) {}

  Task<> append(std::vector<AuditEntry> entries) override;
  Task<Page<AuditEntry>> list(AuditFilter filter, PageRequest page) override;
  Task<AuditHead> head() override;
  Task<std::vector<ChainedEntry>> read_chain(std::int64_t sequence, int limit) override;
  Task<std::int64_t> trim(WallTime before, int limit) override;

 private:
  struct State;
  /// The head, checked, and which of the ids are there.
  Task<State> state(std::vector<std::string> ids);

  RedisDatabase& database_;
  const AuditChain chain_;
};

}  // namespace relay
