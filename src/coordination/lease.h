// How many calls of a key may run at once. Implementations: coordination/memory, coordination/redis.
#pragma once

#include "async/task.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace relay {

class ConcurrencyLeases;

/// One running call. Given back when it goes out of scope. Move-only.
class Lease {
 public:
  Lease() = default;
  Lease(ConcurrencyLeases& owner, void* slot) : owner_(&owner), slot_(slot) {}
  Lease(Lease&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), slot_(other.slot_) {}
  Lease& operator=(Lease&& other) noexcept {
    std::swap(owner_, other.owner_);
    std::swap(slot_, other.slot_);
    return *this;
  }
  ~Lease();
  explicit operator bool() const { return owner_ != nullptr; }

 private:
  ConcurrencyLeases* owner_ = nullptr;
  void* slot_ = nullptr;
};

/// Thread-safe. Must outlive its leases.
class ConcurrencyLeases {
 public:
  virtual ~ConcurrencyLeases() = default;

  /// An empty lease when `subject` has `limit` (> 0) calls running already. Says so at once, or nothing: the
  /// shared state must be asked, call acquire().
  virtual std::optional<Lease> try_acquire(std::string_view subject, std::int64_t limit) = 0;

  /// The same, and may ask the shared state. Never fails; waits as RateWindow::take does.
  virtual Awaitable<Lease> acquire(std::string subject, std::int64_t limit) = 0;

 private:
  friend class Lease;
  /// Never waits.
  virtual void give_back(void* slot) = 0;
};

inline Lease::~Lease() {
  if (owner_ != nullptr) owner_->give_back(slot_);
}

}  // namespace relay
