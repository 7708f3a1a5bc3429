// What a price file would change in the price table, and what of it a person should look at.
#pragma once

#include "metering/price_file.h"
#include "metering/price_table.h"

#include <optional>
#include <vector>

namespace relay {

struct PriceChange {
  std::optional<ModelPrice> before;  // what is in force for these calls so far; none: they have no line
  ModelPrice after;
};

struct PriceChanges {
  std::vector<PriceChange> changes;
  /// To be stored: the changes, and what must stand beside them. A model that was covered by a pattern gets
  /// lines of its own for all that it has, for its exact name hides the pattern's lines.
  std::vector<ModelPrice> lines;
  std::vector<PriceDoubt> doubts;  // about models that change; the file's are among them
};

/// Lines of the file that are as the table has them at `at` change nothing, whatever name they have there;
/// the others begin at `at`. Twice gives no change. Ratios are checked against the provider's rules and
/// against the table: a cache's price to the input's, output to input, tiers and long contexts to the plain
/// line.
PriceChanges changes_of(const PriceFile& file, const std::vector<ModelPrice>& table, WallTime at);

/// Without the models that doubts are about.
PriceChanges without_doubtful(PriceChanges changes);

}  // namespace relay
