// The price table in force, shared by all workers and renewed behind their backs.
#pragma once

#include "metering/price_table.h"

#include <memory>

namespace relay {

/// Thread-safe. Holders of a table keep it alive; a new one takes its place whole.
class PriceBook {
 public:
  explicit PriceBook(std::shared_ptr<const PriceTable> table) : table_(std::move(table)) {}

  std::shared_ptr<const PriceTable> table() const { return std::atomic_load(&table_); }
  void replace(std::shared_ptr<const PriceTable> table) { std::atomic_store(&table_, std::move(table)); }

 private:
  std::shared_ptr<const PriceTable> table_;  // swapped whole, with the atomic functions only
};

}  // namespace relay
