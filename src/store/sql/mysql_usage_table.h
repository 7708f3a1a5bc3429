#pragma once

#include "store/sql/usage_table.h"

namespace relay {

/// Several nodes write at once: ids are AUTO_INCREMENT, every id has an index, rows lie by months of
/// started_at_ms.
class MysqlUsageTable final : public UsageTable {
 public:
  /// Throws RaceLost when another node has stored one of the attempts meanwhile.
  void insert(soci::session& sql, std::vector<UsageRow>& rows) const override;
  std::vector<std::int64_t> find(soci::session& sql, std::string_view id) const override;
  std::vector<std::int64_t> find_before(soci::session& sql, std::int64_t before_ms, int limit) const override;
  Result<std::vector<std::int64_t>> find_between(soci::session& sql, std::int64_t from_ms, std::int64_t to_ms,
                                                 std::string& place, int limit) const override;
  void forget_deleted(soci::session&) const override {}
  void prepare_months(soci::session& sql, std::int64_t now_ms) const override;
  std::int64_t drop_months(soci::session& sql, std::int64_t before_ms) const override;
};

}  // namespace relay
