#pragma once

#include "store/revision_store.h"

namespace relay {

class RedisDatabase;

/// Table revisions. `database` must outlive it.
class RedisRevisionStore final : public RevisionStore {
 public:
  explicit RedisRevisionStore(RedisDatabase& database) : database_(database) {}

  Task<std::int64_t> bump() override;
  Task<std::int64_t> current() override;

 private:
  RedisDatabase& database_;
};

}  // namespace relay
