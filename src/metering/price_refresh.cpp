#include "metering/price_refresh.h"

#include "observe/log.h"

#include <chrono>
#include <utility>

namespace relay {
namespace {

constexpr std::chrono::milliseconds kRest{500};

void tell_failure(const Error& error) {
  log_warning("metering", "the prices can't be read: those that were read last stay in force",
              {{"code", error.code()}, {"cause", error.cause()}});
}

}  // namespace

PriceRefresh::PriceRefresh(PriceStore& store, PriceBook& book)
    : store_(store),
      book_(book),
      thread_(
          kRest, [this] { return reload(); }, tell_failure) {}

Task<> PriceRefresh::reload() {
  std::uint64_t turn = 0;
  {
    const std::lock_guard lock(mutex_);
    turn = ++turns_;
  }
  CO_TRY(auto lines, co_await store_.list());
  take(turn, std::move(lines));
  co_return ok;
}

// Reads may end in another order than they began in: one that began later has seen all that an earlier one
// has.
void PriceRefresh::take(std::uint64_t turn, std::vector<ModelPrice> lines) {
  const std::lock_guard lock(mutex_);
  if (turn < taken_) return;
  taken_ = turn;
  if (lines == lines_) return;
  book_.replace(std::make_shared<const PriceTable>(lines));
  lines_ = std::move(lines);
}

}  // namespace relay
