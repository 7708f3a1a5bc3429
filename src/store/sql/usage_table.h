// What databases do differently with usage_logs: filling it fast, finding by ids in no order, and the months.
#pragma once

#include "base/result.h"
#include "store/sql/usage_rows.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace soci {
class session;
}

namespace relay {

/// "a b" of a page's place. internal for what is not `numbers` of them.
Result<std::vector<std::int64_t>> parse_usage_place(const std::string& place, std::size_t numbers);

/// All throw soci_error, and belong inside a read or write of SqlDatabase. Stateless.
class UsageTable {
 public:
  virtual ~UsageTable() = default;

  /// Inserts all of `rows` whose attempt_id is not there yet, and takes the others out of `rows`. Gives the
  /// rows their ids where the database does not.
  virtual void insert(soci::session& sql, std::vector<UsageRow>& rows) const = 0;

  /// Ids of all rows that have `id` in attempt_id, request_id, upstream_request_id or message_id, and maybe
  /// of some that have not: the caller compares.
  virtual std::vector<std::int64_t> find(soci::session& sql, std::string_view id) const = 0;

  /// Ids of rows that began before then, at most `limit`, whatever order they were stored in; none: there are
  /// none.
  virtual std::vector<std::int64_t> find_before(soci::session& sql, std::int64_t before_ms,
                                                int limit) const = 0;

  /// Ids of rows that began in [from_ms, to_ms), at most `limit`, behind `place`, which is moved on; empty in
  /// the beginning and at the end. Few or none does not mean the end. internal for a place that is not ours.
  virtual Result<std::vector<std::int64_t>> find_between(soci::session& sql, std::int64_t from_ms,
                                                         std::int64_t to_ms, std::string& place,
                                                         int limit) const = 0;

  /// Rows were deleted.
  virtual void forget_deleted(soci::session& sql) const = 0;

  /// Makes room for the months around `now`, where rows lie by months. Not in a transaction.
  virtual void prepare_months(soci::session& sql, std::int64_t now_ms) const = 0;

  /// Drops whole months that ended before then. Returns how many rows went; 0 where rows do not lie by
  /// months. Not in a transaction.
  virtual std::int64_t drop_months(soci::session& sql, std::int64_t before_ms) const = 0;
};

}  // namespace relay
