// Keeps the price table in force as the store has it: a change holds on every node within a second or two.
#pragma once

#include "async/refresh_thread.h"
#include "coordination/invalidation.h"
#include "metering/price_book.h"
#include "store/price_store.h"

#include <cstdint>
#include <mutex>
#include <vector>

namespace relay {

/// One thread reads the prices again when news says that they, or anything, may have changed, at most twice a
/// second, and every ten seconds for what no news came of. While the store is away the table stays as it is.
/// Nobody who prices a call waits for it.
class PriceRefresh final : public Invalidation::Listener {
 public:
  /// Both must outlive it.
  PriceRefresh(PriceStore& store, PriceBook& book);
  PriceRefresh(const PriceRefresh&) = delete;
  PriceRefresh& operator=(const PriceRefresh&) = delete;

  void start() { thread_.start(); }
  /// Before the store stops. May be called twice.
  void stop() { thread_.stop(); }

  /// Reads the table now: what was stored before the call is in force on this node when it returns.
  /// unavailable. Thread-safe.
  Task<> reload();

  void prices_changed() override { thread_.wake(); }
  void anything_changed() override { thread_.wake(); }

 private:
  void take(std::uint64_t turn, std::vector<ModelPrice> lines);

  PriceStore& store_;
  PriceBook& book_;
  std::mutex mutex_;
  std::uint64_t turns_ = 0;  // reads that were begun
  std::uint64_t taken_ = 0;  // the newest of them that has come into force
  std::vector<ModelPrice> lines_;
  RefreshThread thread_;  // last: it ends before what it reads into
};

}  // namespace relay
