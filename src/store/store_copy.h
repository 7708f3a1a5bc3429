// Everything of one store into another. Knows doors only: any pair will do.
#pragma once

#include "async/task.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace relay {

class Clock;
class JobLeaseStore;
class Random;
class RowStore;
class UsageStore;
class UserStore;

/// What a table holds, in no order: two stores with the same rows have the same digest.
struct TableDigest {
  std::string table{};
  std::int64_t rows = 0;
  std::uint64_t checksum = 0;  // the sum of each row's SHA-256, its first 64 bits
  friend bool operator==(const TableDigest&, const TableDigest&) = default;
};

/// The doors of one store that a copy goes through.
struct CopyEnd {
  RowStore& rows;
  UsageStore& usage;
  UserStore& users;
  JobLeaseStore& leases;
};

struct StoreCopyParts {
  CopyEnd from;
  CopyEnd to;
  /// Keeps which copy it is and how far, so that the same one goes on there; deleted when it is over.
  std::string progress_file;
  const Clock& clock;
  Random& random;
  /// After each table and every 100,000 rows.
  std::function<void(std::string_view words)> say;
};

/// Both stores must be at this version's schema, and nothing may write to either meanwhile. A table is read
/// and written in pages; each may be written twice, so that a copy that was killed goes on with the page it
/// was at: if `to` still has the mark that this copy left there, else it is a new one. Then both stores are
/// read again and compared. What both hold, table by table. conflict: "copy_target_not_empty" when a new copy
/// finds people or usage in `to`; "copy_running" while another one into `to`, or with this file, is under
/// way; "copy_differs" names the tables that differ in the end, and the copy is over. Errors of the stores:
/// it can go on later.
Task<std::vector<TableDigest>> copy_store(StoreCopyParts parts);

}  // namespace relay
