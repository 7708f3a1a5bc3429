#include "metering/price_refresh.h"

#include "observe/log.h"

#include <chrono>
#include <utility>

namespace relay {
namespace {

constexpr std::chrono::seconds kReadEvery{10};
constexpr std::chrono::milliseconds kRest{500};

}  // namespace

PriceRefresh::~PriceRefresh() { stop(); }

void PriceRefresh::start() {
  thread_ = std::thread([this] { run(); });
}

void PriceRefresh::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    woken_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void PriceRefresh::wake() {
  const std::lock_guard lock(mutex_);
  doubted_ = true;
  woken_.notify_all();
}

void PriceRefresh::run() {
  bool failed = false;
  while (true) {
    const auto read = loop_.wait_for(reload());
    if (read.has_error() && !failed) {
      log_warning("metering", "the prices can't be read: those that were read last stay in force",
                  {{"code", read.error().code()}, {"cause", read.error().cause()}});
    }
    failed = read.has_error();
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, kRest, [this] { return stopping_; });
    if (!failed) woken_.wait_for(lock, kReadEvery, [this] { return stopping_ || doubted_; });
    if (stopping_) return;
    doubted_ = false;
  }
}

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
