// Sums of one batch: usage_daily, and the counters of keys and users. One statement per sum, not per record.
#pragma once

#include "domain/usage_record.h"
#include "store/sql/usage_rows.h"
#include "store/usage_store.h"

#include <compare>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>

namespace soci {
class session;
}

namespace relay {

class Dialect;

class UsageRollUp {
 public:
  /// The row's record must live until store().
  void add(const UsageRow& row);

  /// Adds the sums to the tables. Throws soci_error. A key or user that is gone is passed over.
  void store(soci::session& sql, const Dialect& dialect) const;

 private:
  struct DayKey {
    std::int64_t key = 0;
    std::int64_t day = 0;
    std::int64_t model = 0;
    std::int64_t dialect = 0;
    friend auto operator<=>(const DayKey&, const DayKey&) = default;
  };
  struct DayKeyHash {
    std::size_t operator()(const DayKey& key) const;
  };
  struct KeySum {
    const UsageRecordView* newest = nullptr;
    std::int64_t requests = 0;
    std::int64_t tokens = 0;
    NanoUsd cost_nano_usd = 0;
  };

  std::unordered_map<DayKey, UsageTotals, DayKeyHash> days_;
  std::unordered_map<std::int64_t, KeySum> keys_;
  // The sums of the record before: mostly those of the next.
  DayKey last_day_key_;
  UsageTotals* last_day_ = nullptr;
  std::int64_t last_key_ = 0;
  KeySum* last_key_sum_ = nullptr;
};

inline constexpr std::int64_t kDayMs = 86'400'000;

}  // namespace relay
