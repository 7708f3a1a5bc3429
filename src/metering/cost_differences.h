// What stored usage would cost by a price table, beside what it was stored with.
#pragma once

#include "domain/usage_record.h"
#include "metering/price_table.h"

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace relay {

/// Which records; none that the relay's own cache answered: they cost nothing. Fields that are empty let
/// everything pass.
struct RerateScope {
  WallTime from;  // when the call began; inclusive
  WallTime to;    // exclusive
  std::string user_id{};
  std::string key_id{};
  std::string model{};  // the one that answered, or a `*` pattern
};

struct CostDifference {
  std::int64_t rows = 0;
  std::int64_t changed = 0;       // whose cost, or whether they have one, is another
  std::int64_t newly_priced = 0;  // of these: had no price when they were stored
  std::int64_t price_gone = 0;    // had a price then, and have none now: they keep their cost
  std::int64_t unpriced = 0;      // had none then, and have none now
  std::int64_t estimated = 0;     // some count of theirs is the relay's own estimate
  NanoUsd before_nano_usd = 0;
  NanoUsd after_nano_usd = 0;

  NanoUsd difference_nano_usd() const { return after_nano_usd - before_nano_usd; }
  /// Something to tell of.
  bool differs() const { return changed + price_gone + unpriced > 0; }
};

/// Adds up record by record, in bounded memory. Each is priced by the line that was in force when its call
/// began.
class CostDifferences {
 public:
  struct Line {
    std::int64_t day = 0;  // since 1970-01-01, UTC
    std::string model{};
    friend auto operator<=>(const Line&, const Line&) = default;
  };
  static constexpr std::size_t kLinesMax = 20'000;

  CostDifferences(std::shared_ptr<const PriceTable> table, RerateScope scope)
      : table_(std::move(table)), scope_(std::move(scope)) {}

  /// Counts the record if it is in the scope; what it costs from now on, if that is to be stored.
  std::optional<NanoUsd> add(const UsageRecord& record);

  const RerateScope& scope() const { return scope_; }
  const std::map<Line, CostDifference>& lines() const { return lines_; }
  /// Of lines past kLinesMax: clients may name as many models as they like.
  const CostDifference& other_lines() const { return other_lines_; }
  const CostDifference& total() const { return total_; }

 private:
  bool is_in_scope(const UsageRecord& record) const;
  CostDifference& line_of(const UsageRecord& record);

  std::shared_ptr<const PriceTable> table_;
  RerateScope scope_;
  std::map<Line, CostDifference> lines_;
  CostDifference other_lines_;
  CostDifference total_;
};

}  // namespace relay
