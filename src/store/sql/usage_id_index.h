// Finding usage rows in SQLite by ids that come in no order: request_id, upstream_request_id and message_id.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace soci {
class session;
}

namespace relay {

/// Table usage_id_entries. Rows are indexed in runs of kRunRows ids: run n covers ids n * kRunRows + 1 to
/// (n + 1) * kRunRows. Its entries are sorted pairs of 32-bit numbers, little end first: an id's hash, and
/// how far the row is behind the run's first. They lie in rows of about 480 pairs, whose `id` is n * 2^32 +
/// the lowest hash; no hash is in two of them. A look-up reads one such row a run: a million rows are 61
/// runs.
///
/// Why not an index: ids in no order cost a page of its B-tree each. CPU per record at 200,000 rows: three
/// indexes 8 us and growing with the table; this 0.4 us, whatever its size.
///
/// All of it throws soci_error, and belongs inside a read or write of SqlDatabase.
class UsageIdIndex {
 public:
  static constexpr std::int64_t kRunRows = 16'384;

  /// The highest row id that is indexed; 0 when none is.
  static std::int64_t last_indexed(soci::session& sql);

  /// Indexes the runs that are full now. `next_id` is the id that the next row will have.
  static void index_full_runs(soci::session& sql, std::int64_t next_id);

  /// Drops the runs whose rows all have ids up to `last_gone`. The newest run stays: it says how far the
  /// index is.
  static void forget_runs_up_to(soci::session& sql, std::int64_t last_gone);

  /// Rows that may have this id in one of the three columns, newest first; the caller compares. Rows above
  /// last_indexed() are not among them.
  static std::vector<std::int64_t> find(soci::session& sql, std::string_view id);
};

}  // namespace relay
