#pragma once

#include "store/revision_store.h"

namespace relay {

class SqlDatabase;

/// Table revisions. `database` must outlive it.
class SqlRevisionStore final : public RevisionStore {
 public:
  explicit SqlRevisionStore(SqlDatabase& database) : database_(database) {}

  Task<std::int64_t> bump() override;
  Task<std::int64_t> current() override;

 private:
  SqlDatabase& database_;
};

}  // namespace relay
