// A row of usage_logs on its way into the table.
#pragma once

#include "domain/usage_record.h"

#include <cstdint>

namespace relay {

/// A record, and what the row has instead of the record's words.
struct UsageRow {
  std::int64_t id = 0;  // 0: the database gives it
  std::int64_t key = 0;
  std::int64_t account = 0;
  std::int64_t model = 0;
  std::int64_t requested_model = 0;
  std::int64_t service_tier = 0;
  std::int64_t speed = 0;
  std::int64_t inference_geo = 0;
  const UsageRecordView* record = nullptr;  // outlives the row
};

inline constexpr std::int64_t kRowStreamed = 1;
inline constexpr std::int64_t kRowEstimated = 2;
inline constexpr std::int64_t kRowUnpriced = 4;

inline std::int64_t flags_of(const UsageRecordView& record) {
  return (record.streamed ? kRowStreamed : 0) | (record.estimated ? kRowEstimated : 0) |
         (record.priced ? 0 : kRowUnpriced);
}

}  // namespace relay
