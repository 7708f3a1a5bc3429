#include "async/deadline_wheel.h"

#include <boost/asio/basic_waitable_timer.hpp>

#include <algorithm>
#include <ctime>

namespace relay {
namespace {

using Steady = std::chrono::steady_clock;
using Timer = boost::asio::basic_waitable_timer<Steady, boost::asio::wait_traits<Steady>, IoExecutor>;

// 2048 slots of 25 ms: later deadlines sit in the last slot and are moved on when it comes round.
constexpr std::int64_t kSlots = 2048;

// A quarter of the cost of the exact clock: every read sets a deadline. Behind it by a jiffy, 10 ms at most.
Steady::duration coarse_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec) +
         std::chrono::milliseconds(10);
}

std::int64_t steady_tick() { return Steady::now().time_since_epoch() / DeadlineWheel::kTick; }

std::int64_t tick_behind(Steady::duration time) { return time / DeadlineWheel::kTick + 1; }

}  // namespace

struct DeadlineWheel::Ticker {
  explicit Ticker(IoExecutor executor) : timer(executor) {}
  Timer timer;
  bool running = false;
};

Deadline::~Deadline() { unlink(); }

void Deadline::set(std::chrono::milliseconds from_now) {
  if (wheel_.linked_ == 0) wheel_.refresh_tick();
  // Not from the wheel's own idea of now: it is as old as the loop was held up, by a long turn or a SIGSTOP.
  due_tick_ = std::max(tick_behind(coarse_now() + from_now), wheel_.now_tick_ + 1);
  if (slot_tick_ == kNever) {
    wheel_.link(*this);
  } else if (due_tick_ < slot_tick_) {
    unlink();
    wheel_.link(*this);
  }
}

void Deadline::unlink() {
  if (slot_tick_ == kNever) return;
  if (previous_ != nullptr) {
    previous_->next_ = next_;
  } else {
    wheel_.slots_[static_cast<std::size_t>(slot_tick_ % kSlots)] = next_;
  }
  if (next_ != nullptr) next_->previous_ = previous_;
  previous_ = next_ = nullptr;
  slot_tick_ = kNever;
  --wheel_.linked_;
}

DeadlineWheel::DeadlineWheel(IoExecutor executor)
    : slots_(std::make_unique<Deadline*[]>(kSlots)), ticker_(std::make_unique<Ticker>(executor)) {
  refresh_tick();
}

DeadlineWheel::~DeadlineWheel() = default;

void DeadlineWheel::refresh_tick() { now_tick_ = steady_tick(); }

void DeadlineWheel::link(Deadline& deadline) {
  deadline.slot_tick_ = std::clamp(deadline.due_tick_, now_tick_ + 1, now_tick_ + kSlots - 1);
  auto& head = slots_[static_cast<std::size_t>(deadline.slot_tick_ % kSlots)];
  deadline.previous_ = nullptr;
  deadline.next_ = head;
  if (head != nullptr) head->previous_ = &deadline;
  head = &deadline;
  ++linked_;
  if (!ticker_->running) advance();
}

void DeadlineWheel::advance() {
  ticker_->running = true;
  ticker_->timer.expires_after(kTick);
  ticker_->timer.async_wait([this](const boost::system::error_code& failed) {
    if (failed) return;
    const auto last = now_tick_;
    const auto now = steady_tick();
    // After a pause longer than the wheel every slot is looked at once, none twice.
    for (auto tick = std::max(last + 1, now - kSlots + 1); tick <= now; ++tick) {
      now_tick_ = tick;
      expire_slot(tick);
    }
    ticker_->running = false;
    if (linked_ > 0) advance();
  });
}

void DeadlineWheel::expire_slot(std::int64_t tick) {
  auto& head = slots_[static_cast<std::size_t>(tick % kSlots)];
  // link() never puts one into the slot of the present tick: the list ends.
  while (head != nullptr) {
    Deadline& deadline = *head;
    deadline.unlink();
    if (deadline.due_tick_ == Deadline::kNever) continue;
    if (deadline.due_tick_ > tick) {
      link(deadline);
      continue;
    }
    deadline.due_tick_ = Deadline::kNever;
    deadline.on_expiry();
  }
}

}  // namespace relay
