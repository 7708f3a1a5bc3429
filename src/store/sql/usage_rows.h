// A row of usage_logs on its way into the table.
#pragma once

#include "domain/usage_record.h"

#include <cstddef>
#include <cstdint>
#include <optional>

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
inline constexpr std::int64_t kRowCached = 8;

inline std::int64_t flags_of(const UsageRecordView& record) {
  return (record.streamed ? kRowStreamed : 0) | (record.estimated ? kRowEstimated : 0) |
         (record.priced ? 0 : kRowUnpriced) | (record.cached ? kRowCached : 0);
}

/// Columns that few rows have: null is 0, in the charge "as the cost". Of millions of rows a null takes a bit
/// with MySQL and a byte with SQLite.
inline constexpr const char* kRareColumns =
    "audio_input_tokens, audio_cache_read_tokens, audio_output_tokens, image_input_tokens,"
    " image_output_tokens, accepted_prediction_tokens, rejected_prediction_tokens, charge_nano_usd";
inline constexpr std::size_t kRareColumnCount = kUsageCounts.size() - kCommonUsageCounts + 1;

/// Of the columns above, from 0 on.
inline std::optional<std::int64_t> rare_value(const UsageRecordView& record, std::size_t column) {
  if (column + 1 == kRareColumnCount) {
    if (record.charge_nano_usd == record.cost_nano_usd) return std::nullopt;
    return record.charge_nano_usd;
  }
  const auto count = record.usage.*kUsageCounts[kCommonUsageCounts + column].of;
  return count == 0 ? std::nullopt : std::optional(count);
}

}  // namespace relay
