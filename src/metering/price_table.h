// The price table as the relay looks at it: an immutable snapshot in memory.
#pragma once

#include "domain/price.h"
#include "domain/usage_record.h"

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace relay {

/// Built once from PriceStore::list() and shared as `std::shared_ptr<const PriceTable>`; look-ups are
/// thread-safe and allocate nothing.
class PriceTable {
 public:
  explicit PriceTable(const std::vector<ModelPrice>& lines);
  PriceTable(const PriceTable&) = delete;
  PriceTable& operator=(const PriceTable&) = delete;

  /// The line for this model: its exact name before any pattern, of the patterns the longest that matches.
  /// Of that name: the tier's lines, or the standard ones when the tier has none in force (for batch first
  /// those of flex, which is sold at the batch's price: platform.openai.com, "Flex processing"); of these the
  /// highest context_over that total_input is above; of these the newest that is in force at `at`. nullptr
  /// when there is none: the model is not priced. The pointer lives as long as the table.
  const ModelPrice* find(std::string_view model, std::string_view tier, std::int64_t total_input,
                         WallTime at) const;

  /// What so many tokens of this model cost at most at `at`, in whichever tier it answers that costs more
  /// than batches do; 0 when it is not priced.
  NanoUsd highest_cost(std::string_view model, std::int64_t input_tokens, std::int64_t output_tokens,
                       WallTime at) const;

  /// Every line of the name that find() would take for this model; empty when there is none.
  std::vector<ModelPrice> lines_of(std::string_view model) const;

  /// Sets cost_nano_usd, charge_nano_usd and priced from the record's usage, mode and started_at; the model
  /// that answered is looked up first, then the one that was asked for. Says whether it was priced. Usage
  /// without any token or tool call costs nothing and counts as priced, whatever the model; so does an answer
  /// of the relay's own cache. Raising the alarm is the caller's.
  bool price(UsageRecordView& record) const;

 private:
  struct Name;

  const Name* find_name(std::string_view model) const;

  std::vector<Name> names_;
  std::unordered_map<std::string_view, const Name*> exact_;
  std::unordered_map<std::string_view, const Name*> prefixes_;  // "claude-opus-5-*" without its star
  std::vector<std::size_t> prefix_lengths_;                     // longest first
  std::vector<const Name*> globs_;                              // a star elsewhere; longest first
};

/// All lines of one name, the line to take first in front: context_over falling, then effective_from falling.
struct PriceTable::Name {
  std::string_view text;
  std::vector<ModelPrice> lines;

  const ModelPrice* find(std::string_view tier, std::int64_t total_input, WallTime at) const;
};

}  // namespace relay
