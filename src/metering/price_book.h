// The price table in force, shared by all workers and renewed behind their backs.
#pragma once

#include "metering/price_table.h"

#include <atomic>
#include <cstdint>
#include <memory>

namespace relay {

/// Thread-safe. Holders of a table keep it alive; a new one takes its place whole.
class PriceBook {
 public:
  explicit PriceBook(std::shared_ptr<const PriceTable> table) : table_(std::move(table)) {}

  std::shared_ptr<const PriceTable> table() const { return std::atomic_load(&table_); }
  void replace(std::shared_ptr<const PriceTable> table) {
    std::atomic_store(&table_, std::move(table));
    version_.fetch_add(1, std::memory_order_release);
  }
  /// Another number, never 0, after each replace(): whoever keeps a table asks this first.
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }

 private:
  std::shared_ptr<const PriceTable> table_;  // swapped whole, with the atomic functions only
  std::atomic<std::uint64_t> version_{1};
};

}  // namespace relay
