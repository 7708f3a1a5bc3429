// Where calls wait for a slot instead of being refused, and whose turn it is. Of one node: nodes compete for
// what they share.
#pragma once

#include "async/deadline_wheel.h"
#include "async/task.h"
#include "base/clock.h"
#include "coordination/lease.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace relay {

class Clock;
struct Exchange;
class Worker;

/// Calls wait for a subject (a key, a user, the accounts of a model), each in a line of its subject: of a key
/// there is one, of a user one for each key, of accounts one for each user. The lines take turns, one call
/// each; within a line who came first is first. Thread-safe. Must outlive its places.
class CallQueue {
 public:
  struct Settings {
    std::chrono::milliseconds wait_max{0};  // of one call; 0: none waits
    std::size_t length_max = 100;           // calls that wait for one subject
  };
  explicit CallQueue(Settings settings) : settings_(settings) {}

  bool is_on() const { return settings_.wait_max.count() > 0; }
  /// Whoever comes now has to wait behind them. Nobody waits anywhere, the usual case: no lock.
  bool has_waiting(std::string_view subject) const;

  /// A slot of this subject may be free: whose turn it is hears of it. No lock while nobody waits.
  void slot_free(std::string_view subject);
  /// A slot of any subject.
  void slot_free();

 private:
  friend class QueuePlace;
  struct Waiter;
  using WaiterPtr = std::shared_ptr<Waiter>;
  struct Line {
    std::string name;
    std::deque<WaiterPtr> waiters;  // never empty
  };
  struct Subject {
    std::list<Line> lines;  // whose turn it is, first; never empty
    std::size_t length = 0;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  bool join(std::string_view subject, std::string_view line, const WaiterPtr& waiter);
  void leave(const std::string& subject, const WaiterPtr& waiter, bool was_admitted);
  bool is_first(std::string_view subject, const Waiter& waiter) const;
  static void tell(const WaiterPtr& waiter);

  const Settings settings_;
  std::atomic<std::size_t> waiting_{0};
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Subject, Hash, std::equal_to<>> subjects_;
};

/// Of one process: of limits of keys and users, and of accounts that have as many calls as they take.
struct CallQueues {
  explicit CallQueues(CallQueue::Settings settings) : of_limits(settings), of_accounts(settings) {}

  CallQueue of_limits;
  CallQueue of_accounts;
};

/// One call's place: taken when it is made, left when it goes. On its worker's thread.
///
///   QueuePlace place(...);
///   if (!place.is_taken()) refuse;
///   do {
///     if (place.is_first() && got_a_slot) { place.admitted(); go on; }
///   } while (co_await place.wait());
class QueuePlace {
 public:
  QueuePlace(CallQueue& queue, Worker& worker, std::string_view subject, std::string_view line);
  ~QueuePlace();
  QueuePlace(const QueuePlace&) = delete;
  QueuePlace& operator=(const QueuePlace&) = delete;

  /// False: as many wait as may.
  bool is_taken() const { return is_taken_; }
  bool is_first() const;
  /// Until a slot may be free; nodes don't hear of each other's, so who is first looks again after 100 ms.
  /// False: the time is over, or end() was called.
  Awaitable<bool> wait();
  /// Its line's next turn comes behind the other lines'.
  void admitted() { was_admitted_ = true; }
  /// Ends the wait.
  void end();

 private:
  class Alarm;

  CallQueue& queue_;
  const std::string subject_;
  CallQueue::WaiterPtr waiter_;
  std::unique_ptr<Alarm> over_at_;
  std::unique_ptr<Alarm> again_at_;
  bool is_taken_ = false;
  bool was_admitted_ = false;
  bool is_over_ = false;
};

/// A call in the queue: its client's leaving ends the wait. Lives in the frame that waits.
class WaitingCall {
 public:
  WaitingCall(Exchange& exchange, CallQueue& queue, std::string_view subject, std::string_view line);
  ~WaitingCall();
  WaitingCall(const WaitingCall&) = delete;
  WaitingCall& operator=(const WaitingCall&) = delete;

  QueuePlace& place() { return place_; }
  /// It is its turn, and it has got what it waited for.
  void admitted(SteadyTime began, const Clock& clock);

 private:
  Exchange& exchange_;
  QueuePlace place_;
};

/// A lease whose end is told to the queue. `subject` must outlive it. Move-only.
class QueuedLease {
 public:
  QueuedLease() = default;
  QueuedLease(Lease lease, CallQueue& queue, std::string_view subject)
      : lease_(std::move(lease)), queue_(&queue), subject_(subject) {}
  QueuedLease(QueuedLease&& other) noexcept { swap(other); }
  QueuedLease& operator=(QueuedLease&& other) noexcept {
    swap(other);
    return *this;
  }
  ~QueuedLease() {
    if (queue_ == nullptr) return;
    { const auto ended = std::move(lease_); }
    queue_->slot_free(subject_);
  }
  explicit operator bool() const { return static_cast<bool>(lease_); }

 private:
  void swap(QueuedLease& other) noexcept {
    std::swap(lease_, other.lease_);
    std::swap(queue_, other.queue_);
    std::swap(subject_, other.subject_);
  }

  Lease lease_;
  CallQueue* queue_ = nullptr;
  std::string_view subject_;
};

}  // namespace relay
