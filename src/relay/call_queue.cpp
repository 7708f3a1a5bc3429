#include "relay/call_queue.h"

#include "async/wakeup.h"
#include "net/worker.h"
#include "observe/log.h"
#include "relay/phases.h"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace relay {
namespace {

constexpr std::chrono::milliseconds kLooksAgain{100};

}  // namespace

struct CallQueue::Waiter {
  explicit Waiter(IoExecutor own) : executor(own), news(own) {}

  IoExecutor executor;
  Wakeup news;  // touched on its loop only
};

bool CallQueue::has_waiting(std::string_view subject) const {
  if (waiting_.load(std::memory_order_relaxed) == 0) return false;
  const std::lock_guard lock(mutex_);
  return subjects_.contains(subject);
}

bool CallQueue::join(std::string_view subject, std::string_view line, const WaiterPtr& waiter) {
  const std::lock_guard lock(mutex_);
  auto found = subjects_.find(subject);
  if (found == subjects_.end()) found = subjects_.emplace(subject, Subject()).first;
  auto& [lines, length] = found->second;
  if (length >= settings_.length_max) return false;
  auto own = std::ranges::find(lines, line, &Line::name);
  if (own == lines.end()) own = lines.insert(lines.end(), Line{.name = std::string(line), .waiters = {}});
  own->waiters.push_back(waiter);
  ++length;
  waiting_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

void CallQueue::leave(const std::string& subject, const WaiterPtr& waiter, bool was_admitted) {
  const std::lock_guard lock(mutex_);
  const auto found = subjects_.find(subject);
  auto& [lines, length] = found->second;
  const auto own = std::ranges::find_if(lines, [&waiter](const Line& line) {
    return std::ranges::find(line.waiters, waiter) != line.waiters.end();
  });
  const bool was_first = lines.front().waiters.front() == waiter;
  std::erase(own->waiters, waiter);
  if (own->waiters.empty())
    lines.erase(own);
  else if (was_admitted)
    lines.splice(lines.end(), lines, own);
  --length;
  waiting_.fetch_sub(1, std::memory_order_relaxed);
  if (length == 0)
    subjects_.erase(found);
  else if (was_first)
    tell(lines.front().waiters.front());
}

bool CallQueue::is_first(std::string_view subject, const Waiter& waiter) const {
  const std::lock_guard lock(mutex_);
  return subjects_.find(subject)->second.lines.front().waiters.front().get() == &waiter;
}

void CallQueue::tell(const WaiterPtr& waiter) {
  boost::asio::post(waiter->executor, [waiter] { waiter->news.wake(); });
}

// Relaxed is enough: whoever waits has found no slot since it joined, and the lock of the slots orders that
// before the one that is given back now.
void CallQueue::slot_free(std::string_view subject) {
  if (waiting_.load(std::memory_order_relaxed) == 0) return;
  const std::lock_guard lock(mutex_);
  const auto found = subjects_.find(subject);
  if (found != subjects_.end()) tell(found->second.lines.front().waiters.front());
}

void CallQueue::slot_free() {
  if (waiting_.load(std::memory_order_relaxed) == 0) return;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, subject] : subjects_) tell(subject.lines.front().waiters.front());
}

class QueuePlace::Alarm final : public Deadline {
 public:
  Alarm(DeadlineWheel& wheel, Wakeup& news) : Deadline(wheel), news_(news) {}
  void on_expiry() override {
    has_rung_ = true;
    news_.wake();
  }
  bool has_rung() const { return has_rung_; }

 private:
  Wakeup& news_;
  bool has_rung_ = false;
};

QueuePlace::QueuePlace(CallQueue& queue, Worker& worker, std::string_view subject, std::string_view line)
    : queue_(queue),
      subject_(subject),
      waiter_(std::make_shared<CallQueue::Waiter>(worker.executor())),
      over_at_(std::make_unique<Alarm>(worker.wheel(), waiter_->news)),
      again_at_(std::make_unique<Alarm>(worker.wheel(), waiter_->news)) {
  is_taken_ = queue_.join(subject_, line, waiter_);
  if (is_taken_) over_at_->set(queue_.settings_.wait_max);
}

QueuePlace::~QueuePlace() {
  if (is_taken_) queue_.leave(subject_, waiter_, was_admitted_);
}

bool QueuePlace::is_first() const { return queue_.is_first(subject_, *waiter_); }

Awaitable<bool> QueuePlace::wait() {
  if (is_over_ || over_at_->has_rung()) co_return false;
  if (is_first()) again_at_->set(kLooksAgain);
  static_cast<void>(co_await waiter_->news.wait());
  co_return !is_over_;
}

void QueuePlace::end() {
  is_over_ = true;
  waiter_->news.wake();
}

WaitingCall::WaitingCall(Exchange& exchange, CallQueue& queue, std::string_view subject,
                         std::string_view line)
    : exchange_(exchange), place_(queue, exchange.client.worker(), subject, line) {
  exchange_.place = &place_;
  watch_client(exchange_);
  if (place_.is_taken()) log_debug("relay", "waits for a slot", {{"request_id", exchange_.request_id}});
}

WaitingCall::~WaitingCall() { exchange_.place = nullptr; }

void WaitingCall::admitted(SteadyTime began, const Clock& clock) {
  place_.admitted();
  const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(clock.steady_now() - began);
  log_debug("relay", "has its slot", {{"request_id", exchange_.request_id}, {"waited_ms", waited.count()}});
}

}  // namespace relay
