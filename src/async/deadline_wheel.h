// Deadlines without a timer per wait: one coarse sweep per worker.
#pragma once

#include "async/task.h"

#include <chrono>
#include <cstdint>
#include <memory>

namespace relay {

class DeadlineWheel;

/// Calls on_expiry() once when the time set last has passed; early by nothing, late by at most three
/// ticks and as much as the loop is held up. Belongs to one io_context, as its wheel does. Moving it on,
/// which every read does, is a coarse look at the clock and a store: no timer call, no list operation.
class Deadline {
 public:
  explicit Deadline(DeadlineWheel& wheel) : wheel_(wheel) {}
  virtual ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  void set(std::chrono::milliseconds from_now);
  void clear() { due_tick_ = kNever; }
  bool is_set() const { return due_tick_ != kNever; }

 protected:
  /// May destroy this object, and may set it again.
  virtual void on_expiry() = 0;

 private:
  friend class DeadlineWheel;
  static constexpr std::int64_t kNever = INT64_MAX;

  void unlink();

  DeadlineWheel& wheel_;
  std::int64_t due_tick_ = kNever;
  std::int64_t slot_tick_ = kNever;  // when the wheel looks at us next; kNever: not linked
  Deadline* previous_ = nullptr;
  Deadline* next_ = nullptr;
};

/// One per io_context, and used on it only. Ticks only while a deadline is linked. Must outlive its
/// deadlines, and be destroyed before its io_context.
class DeadlineWheel {
 public:
  static constexpr std::chrono::milliseconds kTick{25};

  explicit DeadlineWheel(IoExecutor executor);
  ~DeadlineWheel();
  DeadlineWheel(const DeadlineWheel&) = delete;
  DeadlineWheel& operator=(const DeadlineWheel&) = delete;

 private:
  friend class Deadline;
  struct Ticker;

  void link(Deadline& deadline);
  void advance();
  void expire_slot(std::int64_t tick);
  void refresh_tick();

  std::int64_t now_tick_ = 0;
  std::size_t linked_ = 0;
  std::unique_ptr<Deadline*[]> slots_;
  std::unique_ptr<Ticker> ticker_;
};

}  // namespace relay
