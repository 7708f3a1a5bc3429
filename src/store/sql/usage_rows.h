// Inserting usage_logs rows fast: one prepared statement on SQLite's own interface.
#pragma once

#include "domain/usage_record.h"

#include <cstdint>

namespace soci {
class session;
}

namespace relay {

/// What a row has instead of its words.
struct UsageRowNumbers {
  std::int64_t id = 0;
  std::int64_t key = 0;
  std::int64_t account = 0;
  std::int64_t model = 0;
  std::int64_t requested_model = 0;
  std::int64_t service_tier = 0;
  std::int64_t speed = 0;
  std::int64_t inference_geo = 0;
};

/// Belongs to one transaction; throws soci_error.
///
/// Not through SOCI: it copies each value that is bound into objects of its own. SOCI's statement, prepared
/// once too, took 8.1 us of CPU a row, this takes 2.4 (g++ -O2, 5,000 rows a transaction,
/// bench/micro/metering).
class UsageRows {
 public:
  explicit UsageRows(soci::session& sql);
  ~UsageRows();
  UsageRows(const UsageRows&) = delete;
  UsageRows& operator=(const UsageRows&) = delete;

  /// False when a row with this attempt_id is there: nothing was inserted.
  bool insert(const UsageRowNumbers& numbers, const UsageRecord& record);

 private:
  void* connection_;
  void* statement_;
};

inline constexpr std::int64_t kRowStreamed = 1;
inline constexpr std::int64_t kRowEstimated = 2;
inline constexpr std::int64_t kRowUnpriced = 4;

}  // namespace relay
