#include "coordination/store/store_invalidation.h"

#include "observe/log.h"

#include <chrono>
#include <utility>

namespace relay {
namespace {

constexpr std::chrono::milliseconds kLookEvery{250};

}  // namespace

StoreInvalidation::~StoreInvalidation() { stop(); }

// The row says that something has changed, not what.
void StoreInvalidation::tell_others(std::string_view, std::string_view) {
  const std::lock_guard lock(mutex_);
  change_waits_ = true;
  woken_.notify_all();
}

void StoreInvalidation::start() {
  thread_ = std::thread([this] { run(); });
}

void StoreInvalidation::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    woken_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void StoreInvalidation::run() {
  while (true) {
    look();
    std::unique_lock lock(mutex_);
    // What could not be added waits for the next round, not for no time at all.
    const bool failed = store_failed_;
    woken_.wait_for(lock, kLookEvery, [this, failed] { return stopping_ || (change_waits_ && !failed); });
    if (stopping_ && (!change_waits_ || failed)) return;
  }
}

void StoreInvalidation::look() {
  const auto outcome = loop_.wait_for(exchange());
  if (outcome.has_error() && !store_failed_) {
    log_warning("coordination", "the revision row can't be reached: other nodes hear of changes later",
                {{"code", outcome.error().code()}, {"cause", outcome.error().cause()}});
  }
  store_failed_ = outcome.has_error();
}

Task<> StoreInvalidation::exchange() {
  bool adds = false;
  {
    const std::lock_guard lock(mutex_);
    adds = std::exchange(change_waits_, false);
  }
  std::int64_t own = 0;
  if (adds) {
    auto added = co_await store_.bump();
    if (added.has_error()) {
      const std::lock_guard lock(mutex_);
      change_waits_ = true;
      co_return std::move(added).error();
    }
    own = *added;
  }
  std::int64_t now = own;
  if (!adds) {
    CO_TRY(now, co_await store_.current());
  }
  // Of what is new since the last look, one may be our own.
  const bool others_added = seen_ && now != *seen_ + (adds ? 1 : 0);
  seen_ = now;
  if (others_added) hear_anything();
  co_return ok;
}

}  // namespace relay
