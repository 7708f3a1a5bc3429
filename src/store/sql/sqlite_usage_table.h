#pragma once

#include "store/sql/usage_table.h"

namespace relay {

/// One writer gives the ids; the other ids are in UsageIdIndex.
class SqliteUsageTable final : public UsageTable {
 public:
  void insert(soci::session& sql, std::vector<UsageRow>& rows) const override;
  std::vector<std::int64_t> find(soci::session& sql, std::string_view id) const override;
  std::vector<std::int64_t> find_before(soci::session& sql, std::int64_t before_ms, int limit) const override;
  Result<std::vector<std::int64_t>> find_between(soci::session& sql, std::int64_t from_ms, std::int64_t to_ms,
                                                 std::string& place, int limit) const override;
  void forget_deleted(soci::session& sql) const override;
  void prepare_months(soci::session&, std::int64_t) const override {}
  std::int64_t drop_months(soci::session&, std::int64_t) const override { return 0; }
};

}  // namespace relay
