#include "redis/redis_router.h"

#include "redis/redis_error.h"

#include <algorithm>
#include <utility>

namespace relay {
namespace {

// One look at all that waits in place of a timer each: no deadline is late by more.
constexpr std::chrono::milliseconds kLook{10};

}  // namespace

RedisRouter::RedisRouter(boost::asio::io_context& context, const RedisSettings& settings, const Clock& clock)
    : context_(context),
      settings_(settings),
      clock_(clock),
      seed_(std::make_shared<RedisNode>(context, settings, clock, RedisAddress{settings.host, settings.port},
                                        static_cast<RedisNodeOwner&>(*this))),
      timer_(context.get_executor()) {}

RedisRouter::~RedisRouter() = default;

void RedisRouter::start() { seed_->start(); }

void RedisRouter::send(const std::shared_ptr<RedisCall>& call) {
  if (stopped_) return call->fail(redis_unavailable("the client has been stopped"));
  open_.push_back(*call);
  next_due_ = std::min(next_due_, call->limits().due);
  watch_time();
  seed_->send_all(call);
}

void RedisRouter::stop() {
  stopped_ = true;
  seed_->close();
  // Their owners are the rows of what is owed, and those are empty now; none should be left.
  while (!open_.empty()) open_.front().fail(redis_unavailable("the client has been stopped"));
  timer_.cancel();
}

void RedisRouter::on_ready(RedisNode&, const RedisConnection::Greeting& greeting) {
  if (greeting.cluster) cluster_.store(true, std::memory_order_relaxed);
  note_state();
}

void RedisRouter::on_away(RedisNode&) { note_state(); }

void RedisRouter::note_state() { connected_.store(seed_->is_ready(), std::memory_order_relaxed); }

void RedisRouter::on_reply(RedisNode& node, OwedReply owed, RedisReply reply) {
  auto& call = owed.call;
  if (!call || call->is_finished()) return;
  // Nothing was run: sending it again, whole, can't run it twice.
  if (is_error_of(reply, "NOSCRIPT") && call->turn_into_eval()) return node.send(std::move(call), owed.index);
  call->answer(owed.index, std::move(reply));
}

void RedisRouter::watch_time() {
  if (watching_ || stopped_) return;
  watching_ = true;
  look_again();
}

void RedisRouter::look_again() {
  timer_.expires_after(kLook);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) sweep();
  });
}

void RedisRouter::sweep() {
  const auto now = clock_.steady_now();
  bool waits = fail_late_calls(now);
  waits = seed_->sweep(now) || waits;
  note_state();
  watching_ = waits && !stopped_;
  if (watching_) look_again();
}

bool RedisRouter::fail_late_calls(SteadyTime now) {
  if (now >= next_due_) {
    next_due_ = SteadyTime::max();
    for (auto at = open_.begin(); at != open_.end();) {
      auto& call = *at++;  // it leaves the list when it fails
      if (now >= call.limits().due) {
        call.fail(redis_unavailable("no answer in time"));
      } else {
        next_due_ = std::min(next_due_, call.limits().due);
      }
    }
  }
  return !open_.empty();
}

}  // namespace relay
