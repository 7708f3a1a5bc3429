#include "store/sql/sql_pool.h"

#include "store/sql/dialect.h"

#include <soci/soci.h>

#include <chrono>
#include <stdexcept>

namespace relay {
namespace {

constexpr std::chrono::seconds kIdleUnasked{30};
constexpr std::chrono::milliseconds kRefusal{500};

}  // namespace

struct SqlPool::Slot {
  soci::session session;
  bool open = false;
  SteadyTime used_at{};
  std::uint64_t losses = 0;  // the pool's when it was asked last
};

SqlPool::SqlPool(std::size_t count, const Dialect& dialect, Open open)
    : dialect_(dialect), open_(std::move(open)) {
  for (std::size_t i = 0; i < count; ++i)
    idle_.push_back(slots_.emplace_back(std::make_unique<Slot>()).get());
}

SqlPool::~SqlPool() = default;

void SqlPool::open_one() { connect(*slots_.front()); }

void SqlPool::open_all() {
  for (const auto& slot : slots_) connect(*slot);
}

SqlPool::Slot* SqlPool::take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) throw std::logic_error("more threads than connections");
  auto* slot = idle_.back();
  idle_.pop_back();
  return slot;
}

void SqlPool::give_back(Slot* slot) {
  slot->used_at = clock_.steady_now();
  const std::lock_guard lock(mutex_);
  idle_.push_back(slot);
}

void SqlPool::make_ready(Slot& slot) {
  const auto losses = [this] {
    const std::lock_guard lock(mutex_);
    return losses_;
  }();
  if (slot.open && slot.losses == losses && clock_.steady_now() - slot.used_at < kIdleUnasked) return;
  slot.open = slot.open && dialect_.is_alive(slot.session);
  if (!slot.open) connect(slot);
  slot.losses = losses;
}

void SqlPool::connect(Slot& slot) {
  {
    const std::lock_guard lock(mutex_);
    if (clock_.steady_now() < refused_until_) std::rethrow_exception(refused_with_);
  }
  try {
    slot.session.close();
    open_(slot.session);
    slot.open = true;
  } catch (const std::exception&) {
    const std::lock_guard lock(mutex_);
    refused_until_ = clock_.steady_now() + kRefusal;
    refused_with_ = std::current_exception();
    throw;
  }
}

void SqlPool::note(Slot& slot, const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const soci::soci_error& error) {
    if (dialect_.fault_of(error) != FaultKind::lost) return;
    slot.open = false;
    const std::lock_guard lock(mutex_);
    ++losses_;
  } catch (...) {
    // Not the connection's.
  }
}

SqlPool::Lease::Lease(SqlPool& pool) : pool_(pool), slot_(pool.take()) {
  try {
    pool_.make_ready(*slot_);
  } catch (...) {
    pool_.give_back(slot_);
    throw;
  }
}

SqlPool::Lease::~Lease() { pool_.give_back(slot_); }

soci::session& SqlPool::Lease::session() { return slot_->session; }

}  // namespace relay
